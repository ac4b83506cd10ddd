package org.dfp4j.ui;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.deeplearning4j.core.storage.Persistable;
import org.dfp4j.layers.stats.RunInfo;
import org.dfp4j.layers.stats.StatsRecord;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/**
 * A {@link RunInfo} or a {@link StatsRecord} as DL4J's storages keep it: session, worker, time and
 * JSON. It is read from JSON when it is first asked for.
 */
public final class StoredStats implements Persistable {

  /** The type of these records in a storage. */
  public static final String TYPE_ID = "DfpStats";

  @Serial private static final long serialVersionUID = 1L;

  private String session;
  private String worker;
  private long time;
  private byte[] json;
  private transient Object content;

  /** For DL4J, which creates one and calls {@code decode}. */
  public StoredStats() {}

  StoredStats(String session, String worker, long time, Object content) {
    this.session = session;
    this.worker = worker;
    this.time = time;
    this.content = content;
  }

  /** What is known of the run; an {@link IllegalStateException} where this holds a record. */
  public RunInfo info() {
    return content(RunInfo.class);
  }

  /**
   * What was reported; an {@link IllegalStateException} where this holds what is known of a run.
   */
  public StatsRecord record() {
    return content(StatsRecord.class);
  }

  private synchronized <T> T content(Class<T> type) {
    try {
      if (content == null) {
        content = Json.MAPPER.readValue(json, type);
      }
      return type.cast(content);
    } catch (IOException | ClassCastException e) {
      throw new IllegalStateException(
          "content: expected " + type.getSimpleName() + ", got " + e.getMessage(), e);
    }
  }

  private synchronized byte[] json() {
    if (json == null) {
      try {
        json = Json.MAPPER.writeValueAsBytes(content);
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException("cannot write " + content + ": " + e.getMessage(), e);
      }
    }
    return json;
  }

  /** Java's serialization takes the JSON too. */
  @Serial
  private void writeObject(ObjectOutputStream stream) throws IOException {
    json();
    stream.defaultWriteObject();
  }

  @Override
  public String getSessionID() {
    return session;
  }

  @Override
  public String getTypeID() {
    return TYPE_ID;
  }

  @Override
  public String getWorkerID() {
    return worker;
  }

  @Override
  public long getTimeStamp() {
    return time;
  }

  @Override
  public int encodingLengthBytes() {
    return encode().length;
  }

  @Override
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      encode(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to memory: " + e.getMessage(), e);
    }
    return bytes.toByteArray();
  }

  @Override
  public void encode(ByteBuffer buffer) {
    buffer.put(encode());
  }

  @Override
  public void encode(OutputStream stream) throws IOException {
    DataOutputStream out = new DataOutputStream(stream);
    out.writeUTF(session);
    out.writeUTF(worker);
    out.writeLong(time);
    out.writeInt(json().length);
    out.write(json());
    out.flush();
  }

  @Override
  public void decode(byte[] bytes) {
    try {
      decode(new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException("bytes: expected what encode gives: " + e.getMessage(), e);
    }
  }

  @Override
  public void decode(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    decode(bytes);
  }

  @Override
  public void decode(InputStream stream) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    session = in.readUTF();
    worker = in.readUTF();
    time = in.readLong();
    json = in.readNBytes(in.readInt());
    content = null;
  }
}
