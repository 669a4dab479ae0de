package io.openclaw.app;

import io.openclaw.edge.Answered;
import io.openclaw.edge.FallbackAdministration;

/** Fallbacks whose administration breaks. */
final class FaultyFallbacks implements FallbackAdministration {
  @Override
  public Answered list() {
    throw new IllegalStateException("planted");
  }

  @Override
  public Answered order(byte[] body) {
    throw new IllegalStateException("planted");
  }
}
