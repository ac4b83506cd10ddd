/**
 * DFP-16 for whole DL4J networks: the conversion, its policy and its report, and the flag for one
 * layer.
 *
 * <pre>{@code
 * ComputationGraph twin = MixedPrecision.dfp16().convert(fp32Net);
 * ConversionReport plan = MixedPrecision.dfp16().plan(conf);
 * builder.layer(Dfp16.layer(new ConvolutionLayer.Builder(3, 3).nOut(64).build()));
 * }</pre>
 */
package org.dfp4j.layers;
