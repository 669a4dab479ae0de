package io.openclaw.net;

import org.jspecify.annotations.Nullable;

/** Of this node, peers get nothing beside the streams. */
enum NoRequests implements PeerRequests {
  NONE;

  @Override
  public @Nullable PeerAnswer get(String path, String query) {
    return null;
  }

  @Override
  public byte @Nullable [] post(String path, byte[] body) {
    return null;
  }
}
