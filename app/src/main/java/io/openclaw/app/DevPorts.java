package io.openclaw.app;

/**
 * The ports of one region of {@code openclaw dev}: the router has the base port, region i (from 1)
 * the base plus i, and for metrics, admin and mesh 10, 20 and 30 more.
 */
record DevPorts(int base, int index) {
  static final int BASE_MIN = 1024;
  static final int BASE_MAX = 65_000;

  int service() {
    return base + index;
  }

  int metrics() {
    return base + 10 + index;
  }

  int admin() {
    return base + 20 + index;
  }

  int mesh() {
    return base + 30 + index;
  }

  String url() {
    return "http://127.0.0.1:" + service();
  }

  String metricsUrl() {
    return "http://127.0.0.1:" + metrics() + "/metrics";
  }

  String adminUrl() {
    return "http://127.0.0.1:" + admin();
  }
}
