"""A client announces itself as a master browser; two seconds later the domain master fetches its list. Four times."""
from windows import *
from wire import *

with Capture() as cap:
    for i in range(4):
        cap.at(i * 725).udp("10.5.7.21", 138, "10.5.0.10", 138, master_announcement("10.5.7.21"))
        collect_browser_list(cap.at(i * 725 + 2), "10.5.0.10", 3787 + i, "10.5.7.21", ntlm(3) if i == 3 else None)
