package io.openclaw.net;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What peers ask of this node by single requests, beside the streams; a port. Called on worker
 * threads, only for peers that have proved themselves.
 */
public interface PeerRequests {
  /** Bytes of a request's body. */
  int BODY_BYTES_MAX = 64 * 1024;

  /**
   * A document.
   *
   * @param path what follows {@code /mesh/v1/}, such as {@code blobs/<sha256>}
   * @param query what follows the question mark; empty for nothing
   * @return null where there is none
   */
  @Nullable PeerAnswer get(String path, String query) throws IOException;

  /**
   * The answer to a document.
   *
   * @return null where there is nothing of that path
   */
  byte @Nullable [] post(String path, byte[] body) throws IOException;
}
