#include "host.h"
const struct test mmio_tests[]={};DEFINE_TESTS(mmio);
