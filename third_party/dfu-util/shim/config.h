/* What dfu-util's configure script would find on the systems we build on. */
#pragma once
#define PACKAGE "dfu-util"
#define PACKAGE_VERSION "0.11"
#define PACKAGE_STRING "dfu-util 0.11"
#define PACKAGE_BUGREPORT "https://sourceforge.net/p/dfu-util/tickets/"
#ifndef _WIN32
#define HAVE_ERR 1
#define HAVE_NANOSLEEP 1
#define HAVE_UNISTD_H 1
#define HAVE_SYSEXITS_H 1
#else
#define HAVE_WINDOWS_H 1
#endif
