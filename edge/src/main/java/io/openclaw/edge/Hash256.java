package io.openclaw.edge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/**
 * A SHA-256 as a key of maps: of several parts, each with its length before it, so that no choice
 * of parts can make two lists of them look alike. Immutable and thread-safe.
 */
record Hash256(long first, long second, long third, long fourth) {
  /** How many bytes it is. */
  static final int BYTES = 32;

  /** The hash of the texts and of the bytes after them. */
  static Hash256 of(List<String> texts, byte[] last) {
    MessageDigest sha256 = sha256();
    for (String text : texts) {
      add(sha256, text.getBytes(StandardCharsets.UTF_8));
    }
    add(sha256, last);
    return read(ByteBuffer.wrap(sha256.digest()));
  }

  /** The hash that stands here. */
  static Hash256 read(ByteBuffer bytes) {
    return new Hash256(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
  }

  private static void add(MessageDigest sha256, byte[] part) {
    sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
    sha256.update(part);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  byte[] bytes() {
    return ByteBuffer.allocate(BYTES)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }

  /** 43 characters of letters, digits, {@code -} and {@code _}. */
  String text() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes());
  }
}
