package io.openclaw.domain;

import java.util.Optional;

/** What a key may do. */
public enum Scope {
  /** {@code POST /v1/rate}, batches, and handing in and ending jobs. */
  RATE("rate"),
  /** {@code GET /v1/limits} and {@code GET /v1/models}, and looking at jobs. */
  READ("read"),
  /** Act for any tenant, which each request must then name in {@code x-tenant-id}. */
  TENANTS_ANY("tenants:any");

  private final String text;

  Scope(String text) {
    this.text = text;
  }

  /** The scope's name in configuration and on the wire. */
  public String text() {
    return text;
  }

  public static Optional<Scope> of(String text) {
    for (Scope scope : values()) {
      if (scope.text.equals(text)) {
        return Optional.of(scope);
      }
    }
    return Optional.empty();
  }
}
