#include "host.h"
const struct test pages_tests[]={};DEFINE_TESTS(pages);
