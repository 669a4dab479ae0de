package io.openclaw.app;

import io.openclaw.limit.LeaseSettings;
import java.util.List;
import java.util.Locale;

/**
 * One scalar setting of a node: its place in the YAML file, its default and what it may be. From
 * its path follow its environment variable ({@code http.port} → {@code OPENCLAW_HTTP_PORT}), its
 * place in help, and its validation.
 *
 * @param allowed the allowed words of a word setting; empty for others
 * @param min and {@code max}: the range of a number setting; equal for others
 */
record Setting(
    String path, String fallback, List<String> allowed, long min, long max, String meaning) {
  static final Setting REGION = text("region", "local", "this node's region");
  static final Setting DATA = text("data", "data", "folder of what must survive a restart");
  static final Setting HTTP_HOST = text("http.host", "0.0.0.0", "address of the service port");
  static final Setting HTTP_PORT =
      number("http.port", 8080, 0, 65535, "service port; 0 for any free one");
  static final Setting HTTP_BODY_BYTES_MAX =
      number("http.bodyBytesMax", 1 << 20, 1024, 64 << 20, "largest body, as sent and unpacked");
  static final Setting HTTP_BODY_MILLIS =
      number("http.bodyMillis", 10_000, 100, 600_000, "time for a body to arrive");
  static final Setting HTTP_DEADLINE_MILLIS =
      number("http.deadlineMillis", 15_000, 100, 600_000, "time for a whole request");
  static final Setting HTTP_HEADER_MILLIS =
      number(
          "http.headerMillis",
          10_000,
          100,
          600_000,
          "time for a connection's first headers to arrive");
  static final Setting HTTP_IDLE_MILLIS =
      number(
          "http.idleMillis", 60_000, 100, 3_600_000, "time between two requests of a connection");
  static final Setting HTTP_IN_FLIGHT_MAX =
      number(
          "http.inFlightMax", 10_000, 1, 1_000_000, "requests under way; one more is answered 503");
  static final Setting HTTP_CONCURRENCY_MIN =
      number(
          "http.concurrencyMin",
          20,
          1,
          1_000_000,
          "the least that the limit on ratings under way falls to; it grows to `http.inFlightMax`");
  static final Setting HTTP_WARM_UP_MILLIS =
      number(
          "http.warmUpMillis",
          2_000,
          0,
          60_000,
          "how long a node with peers rates samples before it is ready; one alone does for a moment");
  static final Setting HTTP_CONNECTIONS_MAX =
      number("http.connectionsMax", 20_000, 1, 1_000_000, "open connections; one more is closed");
  static final Setting HTTP_DRAIN_MILLIS =
      number(
          "http.drainMillis",
          500,
          0,
          600_000,
          "time between not ready and closing, when stopping; each answer is its connection's last");
  static final Setting HTTP_TLS_CERT =
      text("http.tls.cert", "", "PEM file of the service port's certificate; none: no TLS");
  static final Setting HTTP_TLS_KEY =
      text("http.tls.key", "", "PEM file of its private key, PKCS #8, not encrypted");
  static final Setting HTTP_TLS_CLIENT_CA =
      text(
          "http.tls.clientCa",
          "",
          "PEM file of the authorities whose certificates clients must have; none: they need none");
  static final Setting HTTP_TLS_MIN_VERSION =
      new Setting(
          "http.tls.minVersion",
          "1.2",
          List.of("1.2", "1.3"),
          0,
          0,
          "the oldest TLS of the service and admin ports; with `clientCa` always 1.3");
  static final Setting BATCH_ITEMS_MAX =
      number("batch.itemsMax", 10_000, 1, 1_000_000, "inputs of one batch");
  static final Setting BATCH_ITEM_BYTES_MAX =
      number(
          "batch.itemBytesMax",
          64 << 10,
          64,
          JobInput.ITEM_BYTES_MAX,
          "bytes of one input of a batch or a job");
  static final Setting BATCH_STALL_MILLIS =
      number(
          "batch.stallMillis",
          10_000,
          100,
          600_000,
          "how long a client may neither send nor read of a batch or a job while it is waited for");
  static final Setting BATCH_UNDER_WAY_MAX =
      number(
          "batch.underWayMax",
          64,
          1,
          10_000,
          "batches under way; one more is answered 503; a tenant has a quarter of them, one more 429");
  static final Setting JOBS_ROWS_MAX =
      number("jobs.rowsMax", 1_000_000, 1, 100_000_000, "rows of one job");
  static final Setting JOBS_BYTES_MAX =
      number("jobs.bytesMax", 1L << 30, 1024, 1L << 40, "bytes of one job's body");
  static final Setting JOBS_TOTAL_BYTES_MAX =
      number(
          "jobs.totalBytesMax",
          10L << 30,
          1024,
          1L << 50,
          "bytes of all jobs on this node's disk, their results too");
  static final Setting JOBS_RESERVE_BYTES =
      number("jobs.reserveBytes", 256L << 20, 0, 1L << 50, "what jobs leave free of the disk");
  static final Setting JOBS_TENANT_MAX =
      number("jobs.tenantMax", 100, 1, 10_000, "jobs of one tenant that are kept, in any state");
  static final Setting JOBS_RUNNING_MAX =
      number("jobs.runningMax", 8, 1, 100, "jobs that run at once, at most one of each tenant");
  static final Setting JOBS_KEEP_HOURS =
      number("jobs.keepHours", 24, 1, 8_760, "how long a job that has ended is kept");
  static final Setting JOBS_WEBHOOK_SECRET =
      text(
          "jobs.webhookSecret",
          "",
          "where the secret is that signs webhooks, `env:NAME` or `file:/path`; none: no webhooks");
  static final Setting JOBS_WEBHOOK_ALLOW =
      text(
          "jobs.webhookAllow",
          "",
          "hosts that webhooks may also reach over http and at private addresses: `host` or"
              + " `host:port`, separated by commas");
  static final Setting METRICS_HOST =
      text("metrics.host", "0.0.0.0", "address of the metrics port");
  static final Setting METRICS_PORT =
      number("metrics.port", 9100, 0, 65535, "metrics port; 0 for any free one");
  static final Setting ADMIN_HOST = text("admin.host", "127.0.0.1", "address of the admin port");
  static final Setting ADMIN_PORT =
      number("admin.port", 9101, 0, 65535, "admin port; 0 for any free one");
  static final Setting ADMIN_TLS_CERT =
      text("admin.tls.cert", "", "PEM file of the admin port's certificate; none: no TLS");
  static final Setting ADMIN_TLS_KEY = text("admin.tls.key", "", "PEM file of its private key");
  static final Setting ADMIN_TLS_CLIENT_CA =
      text(
          "admin.tls.clientCa",
          "",
          "PEM file of the authorities whose certificates administrators must have");
  static final Setting MESH_KIND =
      new Setting(
          "mesh.kind", "none", List.of("none", "peers"), 0, 0, "how regions talk to each other");
  static final Setting MESH_HOST = text("mesh.host", "127.0.0.1", "address of the mesh port");
  static final Setting MESH_PORT =
      number("mesh.port", 9102, 0, 65535, "mesh port, for mesh.kind: peers");

  static final Setting MESH_SECRET_FILE =
      text(
          "mesh.secretFile",
          "",
          "file with the secret that all regions share; or OPENCLAW_MESH_SECRET");

  static final Setting MESH_TLS_CERT =
      text(
          "mesh.tls.cert",
          "",
          "PEM file of the certificate that names this region; none: no TLS between regions");
  static final Setting MESH_TLS_KEY = text("mesh.tls.key", "", "PEM file of its private key");
  static final Setting MESH_TLS_CA =
      text("mesh.tls.ca", "", "PEM file of the authorities that other regions' must lead to");

  static final Setting LEASES_MILLIS =
      number(
          "leases.millis",
          LeaseSettings.LEASE_NANOS / 1_000_000,
          LeaseSettings.LEASE_NANOS_MIN / 1_000_000,
          LeaseSettings.LEASE_NANOS_MAX / 1_000_000,
          "how long a right to a part of the limits lasts unless it is renewed");
  static final Setting LEASES_DRIFT_PPM =
      number(
          "leases.driftPpm",
          LeaseSettings.DRIFT_PPM,
          0,
          100_000,
          "the most that a node's clock runs fast or slow, in millionths");
  static final Setting LEASES_FLOOR_PPM =
      number(
          "leases.floorPpm",
          LeaseSettings.FLOOR_PPM,
          0,
          1_000_000,
          "the part of every limit that regions never lease, all together, in millionths");
  static final Setting LEASES_CONFIGURATION =
      number(
          "leases.configuration",
          1,
          1,
          1_000_000_000,
          "number of the choice of voters; +1 per change");

  static final Setting RELEASE_PRIMARY =
      text(
          "release.primary",
          "",
          "the region that writes releases at first; the first in alphabetical order by default");
  static final Setting RELEASE_SOAK_SECONDS =
      number(
          "release.soakSeconds",
          60,
          1,
          86_400,
          "how long a release is served in one region before it is in all");
  static final Setting RELEASE_TRUST =
      new Setting(
          "release.trust",
          "mesh",
          List.of("mesh", "pinned"),
          0,
          0,
          "whose signatures are taken: of all regions of the mesh, or of `release.trusted` alone");

  static final Setting RELEASE_SOURCE =
      text(
          "release.source",
          "",
          "an HTTP(S) location laid out as a data folder is, for releases that no region gives");

  static final Setting CACHE_BYTES_MAX =
      number(
          "cache.bytesMax",
          16 << 20,
          0,
          1 << 30,
          "what ratings of models with `cache` take in memory, as estimated; 0 for none");
  static final Setting CACHE_REDIS_URL =
      text(
          "cache.redisUrl",
          "",
          "a Redis that nodes share such ratings through, like `redis://host:6379`");
  static final Setting CACHE_REDIS_MILLIS =
      number("cache.redisMillis", 20, 1, 1_000, "how long a request waits for Redis at most");
  static final Setting IDEMPOTENCY_KEYS_MAX =
      number(
          "idempotency.keysMax",
          100_000,
          0,
          10_000_000,
          "answers kept for an `Idempotency-Key`; a tenant may hold half; 0: the header is ignored");
  static final Setting IDEMPOTENCY_BYTES_MAX =
      number(
          "idempotency.bytesMax",
          32 << 20,
          1 << 20,
          1 << 30,
          "bytes of these answers, in memory and on disk; a tenant may hold half");
  static final Setting IDEMPOTENCY_HOURS =
      number("idempotency.hours", 24, 1, 168, "how long such an answer is given again");

  static final List<Setting> ALL =
      List.of(
          REGION,
          DATA,
          HTTP_HOST,
          HTTP_PORT,
          HTTP_BODY_BYTES_MAX,
          HTTP_BODY_MILLIS,
          HTTP_DEADLINE_MILLIS,
          HTTP_HEADER_MILLIS,
          HTTP_IDLE_MILLIS,
          HTTP_IN_FLIGHT_MAX,
          HTTP_CONCURRENCY_MIN,
          HTTP_WARM_UP_MILLIS,
          HTTP_CONNECTIONS_MAX,
          HTTP_DRAIN_MILLIS,
          HTTP_TLS_CERT,
          HTTP_TLS_KEY,
          HTTP_TLS_CLIENT_CA,
          HTTP_TLS_MIN_VERSION,
          BATCH_ITEMS_MAX,
          BATCH_ITEM_BYTES_MAX,
          BATCH_STALL_MILLIS,
          BATCH_UNDER_WAY_MAX,
          JOBS_ROWS_MAX,
          JOBS_BYTES_MAX,
          JOBS_TOTAL_BYTES_MAX,
          JOBS_RESERVE_BYTES,
          JOBS_TENANT_MAX,
          JOBS_RUNNING_MAX,
          JOBS_KEEP_HOURS,
          JOBS_WEBHOOK_SECRET,
          JOBS_WEBHOOK_ALLOW,
          METRICS_HOST,
          METRICS_PORT,
          ADMIN_HOST,
          ADMIN_PORT,
          ADMIN_TLS_CERT,
          ADMIN_TLS_KEY,
          ADMIN_TLS_CLIENT_CA,
          MESH_KIND,
          MESH_HOST,
          MESH_PORT,
          MESH_SECRET_FILE,
          MESH_TLS_CERT,
          MESH_TLS_KEY,
          MESH_TLS_CA,
          LEASES_MILLIS,
          LEASES_DRIFT_PPM,
          LEASES_FLOOR_PPM,
          LEASES_CONFIGURATION,
          RELEASE_PRIMARY,
          RELEASE_SOAK_SECONDS,
          RELEASE_TRUST,
          RELEASE_SOURCE,
          CACHE_BYTES_MAX,
          CACHE_REDIS_URL,
          CACHE_REDIS_MILLIS,
          IDEMPOTENCY_KEYS_MAX,
          IDEMPOTENCY_BYTES_MAX,
          IDEMPOTENCY_HOURS);

  private static Setting text(String path, String fallback, String meaning) {
    return new Setting(path, fallback, List.of(), 0, 0, meaning);
  }

  private static Setting number(String path, long fallback, long min, long max, String meaning) {
    return new Setting(path, Long.toString(fallback), List.of(), min, max, meaning);
  }

  /** The environment variable that overrides it. */
  String variable() {
    StringBuilder name = new StringBuilder("OPENCLAW_");
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (Character.isUpperCase(c)) {
        name.append('_');
      }
      name.append(c == '.' ? '_' : Character.toUpperCase(c));
    }
    return name.toString().toUpperCase(Locale.ROOT);
  }

  boolean isNumber() {
    return min != max;
  }

  /** What a value must be, for a message. */
  String expected() {
    if (isNumber()) {
      return "a whole number, " + min + " to " + max;
    }
    return allowed.isEmpty() ? "some text" : "one of " + allowed;
  }

  boolean accepts(String value) {
    if (!isNumber()) {
      return allowed.isEmpty() ? !value.isBlank() : allowed.contains(value);
    }
    try {
      long number = Long.parseLong(value);
      return number >= min && number <= max;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
