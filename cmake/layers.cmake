# How a layer, its unit tests and a fuzz target are declared.

add_library(wiresage_flags INTERFACE)
target_compile_options(wiresage_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fno-strict-aliasing)
target_include_directories(wiresage_flags INTERFACE ${PROJECT_SOURCE_DIR}/lib ${PROJECT_BINARY_DIR}/generated)
target_compile_definitions(wiresage_flags INTERFACE WIRESAGE_VERSION="${PROJECT_VERSION}")
if(WIRESAGE_HARDENING)
    target_compile_options(wiresage_flags INTERFACE
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS -fstack-protector-strong -fstack-clash-protection
        -fcf-protection)
    target_link_options(wiresage_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(WIRESAGE_SANITIZERS)
    target_compile_options(wiresage_flags INTERFACE
        -fsanitize=${WIRESAGE_SANITIZERS} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(wiresage_flags INTERFACE -fsanitize=${WIRESAGE_SANITIZERS})
endif()
if(WIRESAGE_SANITIZERS STREQUAL "thread")
    # ThreadSanitizer does not know fences; Asio's are beside its locks and not needed with them.
    target_compile_definitions(wiresage_flags INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# wiresage_layer(name [LAYERS lower...] [LIBRARIES external...]): the sources of this folder as one static library.
function(wiresage_layer name)
    cmake_parse_arguments(arg "" "" "LAYERS;LIBRARIES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(TRANSFORM arg_LAYERS PREPEND wiresage_)
    if(sources)
        add_library(wiresage_${name} STATIC ${sources})
        target_link_libraries(wiresage_${name} PUBLIC wiresage_flags ${arg_LAYERS} ${arg_LIBRARIES})
    else()
        add_library(wiresage_${name} INTERFACE)
        target_link_libraries(wiresage_${name} INTERFACE wiresage_flags ${arg_LAYERS} ${arg_LIBRARIES})
    endif()
endfunction()
