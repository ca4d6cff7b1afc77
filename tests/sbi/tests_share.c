#include "host.h"
const struct test share_tests[]={};DEFINE_TESTS(share);
