package org.dfp4j.backend.kernels;

import java.util.ArrayList;
import java.util.List;
import org.dfp4j.backend.presets.DfpNative;

/** The native table of kernels, as far as the choice among its rows needs it. */
interface NativeTable {

  /** Loads the library; an {@link UnsatisfiedLinkError} gives the reason and the remedy. */
  void load();

  /** Model name of the CPU. */
  String cpu();

  /** All rows, best first. */
  List<String> rows();

  /** True where this machine can run the row. */
  boolean runs(String row);

  /** The best row that runs here and is not above the cap; null where nothing runs. */
  String select(String cap);

  /** The kernels of a row that runs here. */
  Kernels kernels(String row);

  /** The library of this process. */
  NativeTable PROCESS =
      new NativeTable() {
        @Override
        public void load() {
          DfpNative.load();
        }

        @Override
        public String cpu() {
          return DfpNative.dfp_cpu_name();
        }

        @Override
        public List<String> rows() {
          List<String> rows = new ArrayList<>();
          for (int row = 0; row < DfpNative.dfp_isa_count(); row++) {
            rows.add(DfpNative.dfp_isa_name(row));
          }
          return rows;
        }

        @Override
        public boolean runs(String row) {
          return DfpNative.dfp_isa_runs(rows().indexOf(row)) == 1;
        }

        @Override
        public String select(String cap) {
          int row = DfpNative.dfp_isa_select(cap);
          return row < 0 ? null : DfpNative.dfp_isa_name(row);
        }

        @Override
        public Kernels kernels(String row) {
          return NativeKernels.forIsa(row);
        }
      };
}
