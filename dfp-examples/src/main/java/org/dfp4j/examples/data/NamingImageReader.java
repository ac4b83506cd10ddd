package org.dfp4j.examples.data;

import java.io.Serial;
import java.util.List;
import org.datavec.api.io.labels.PathLabelGenerator;
import org.datavec.api.writable.Writable;
import org.datavec.image.recordreader.ImageRecordReader;
import org.dfp4j.examples.UsageException;

/** DataVec's image reader, whose errors name the image. */
final class NamingImageReader extends ImageRecordReader {

  @Serial private static final long serialVersionUID = 1L;

  NamingImageReader(long height, long width, long channels, PathLabelGenerator labels) {
    super(height, width, channels, labels);
    setLogLabelCountOnInit(false);
  }

  /** One image at a time, because the batch reader does not say which one failed. */
  @Override
  public boolean batchesSupported() {
    return false;
  }

  @Override
  public List<Writable> next() {
    try {
      return super.next();
    } catch (RuntimeException e) {
      throw new UsageException("--data", "a readable image", currentFile, e);
    }
  }
}
