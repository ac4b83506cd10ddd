package org.dfp4j.examples.train;

import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.TrainingPoint;

/** Somebody who hears how the training of one network goes. */
public interface Watch {

  /** Nobody. */
  Watch NOBODY =
      new Watch() {
        @Override
        public void iteration(TrainingPoint point) {
          // Nobody listens.
        }

        @Override
        public void heldOut(HeldOut accuracy) {
          // Nobody listens.
        }
      };

  /** An iteration is done. */
  void iteration(TrainingPoint point);

  /** The accuracy has been measured. */
  void heldOut(HeldOut accuracy);
}
