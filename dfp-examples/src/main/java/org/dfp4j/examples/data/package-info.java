/** Labelled images: Fashion-MNIST, folders of images, and drawn shapes, as DL4J iterators. */
package org.dfp4j.examples.data;
