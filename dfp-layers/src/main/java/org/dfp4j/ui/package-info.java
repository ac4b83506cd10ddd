/**
 * The page "Precision" of the DL4J UI: two runs in one chart, the numerics of each layer, and what
 * runs in which precision. It is there as soon as this package and {@code deeplearning4j-ui} are on
 * the class path; it shows all sessions of the storages that are attached to the UI, and more of
 * those that a listener reports to.
 *
 * <pre>{@code
 * StatsStorage storage = new InMemoryStatsStorage();
 * UIServer.getInstance().attach(storage);
 * DfpStatsListener.to(new StorageSink(storage, "my run")).attach(net);
 * }</pre>
 */
package org.dfp4j.ui;
