package io.openclaw.limit;

import io.openclaw.domain.QuotaWindow;

/** One quota in one window; as text {@code tenant/bank@2026-11-21}. */
record QuotaKey(String quota, QuotaWindow window) {
  static QuotaKey of(String quota, String window) {
    return new QuotaKey(quota, QuotaWindow.parse(window));
  }

  static QuotaKey parse(String text) {
    int at = text.lastIndexOf('@');
    return of(text.substring(0, Math.max(0, at)), text.substring(at + 1));
  }

  String text() {
    return quota + "@" + window.name();
  }
}
