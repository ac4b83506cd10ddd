package org.dfp4j.examples.models;

/** What a model of the zoo is for, which decides the labels it is trained with. */
public enum Task {
  /** One class an image; labels {@code [mb, classes]}. */
  CLASSIFICATION("classifies images"),
  /** A mask an image; labels {@code [mb, 1, h, w]}. */
  SEGMENTATION("segments images"),
  /** Boxes with classes; labels {@code [mb, 4 + classes, h / 32, w / 32]}. */
  DETECTION("detects objects"),
  /** The next character of a text. */
  TEXT("generates text");

  private final String words;

  Task(String words) {
    this.words = words;
  }

  /** The task as a verb and an object, for messages. */
  public String words() {
    return words;
  }
}
