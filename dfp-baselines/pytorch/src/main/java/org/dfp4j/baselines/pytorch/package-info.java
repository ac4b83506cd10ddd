/** ResNet-50 in PyTorch, for comparison. */
package org.dfp4j.baselines.pytorch;
