#include "tvm.h"
void payload(void){}
