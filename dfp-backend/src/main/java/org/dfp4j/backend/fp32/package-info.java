/** FP32 operations beside the integer products, with the same bits on every instruction set. */
package org.dfp4j.backend.fp32;
