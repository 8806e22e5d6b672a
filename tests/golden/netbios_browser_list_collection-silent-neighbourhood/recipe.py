"""A user looks at the network neighbourhood: the list is asked of a browser that never announced itself to him; and an
announcement after which nobody comes."""
from windows import *
from wire import *

with Capture() as cap:
    collect_browser_list(cap.at(0), "10.5.0.50", 3787, "10.5.7.21")
    cap.at(10).udp("10.5.7.21", 138, "10.5.0.10", 138, master_announcement("10.5.7.21"))
    collect_browser_list(cap.at(100), "10.5.0.10", 3788, "10.5.7.21")
