package io.openclaw.net;

/**
 * What a peer is given.
 *
 * @param form how to read the bytes, told as {@link #FORM_HEADER}
 */
@SuppressWarnings("ArrayRecordComponent") // handed over
public record PeerAnswer(byte[] bytes, String form) {
  /** The header that tells the form; without it the bytes are the document. */
  public static final String FORM_HEADER = "x-openclaw-form";

  /** The form of bytes that are the document itself. */
  public static final String WHOLE = "whole";

  /** The document itself. */
  public static PeerAnswer whole(byte[] bytes) {
    return new PeerAnswer(bytes, WHOLE);
  }
}
