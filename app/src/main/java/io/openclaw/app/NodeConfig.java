package io.openclaw.app;

import io.openclaw.limit.LeaseSettings;
import io.openclaw.net.ApiSettings;
import io.openclaw.net.BatchSettings;
import io.openclaw.release.Content;
import io.openclaw.tls.CertificateFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Everything a node was told, checked.
 *
 * @param settings every {@link Setting} with its value
 * @param regions the configured regions, this one among them
 * @param peers the other regions' mesh addresses, {@code host:port}
 * @param tlsNames what the service port shows to those who ask for these server names
 * @param meshSecret what regions prove themselves with; empty where there is no mesh
 * @param sourceAuthorization what {@code release.source} is asked with; none where it needs nothing
 * @param cacheSecrets what {@code cache.redisUrl} needs
 * @param leases how regions share the limits
 * @param content what it serves with
 */
record NodeConfig(
    Map<Setting, String> settings,
    List<String> regions,
    Map<String, String> peers,
    List<CertificateFiles.Named> tlsNames,
    Secret meshSecret,
    Secret sourceAuthorization,
    CacheSecrets cacheSecrets,
    LeaseSettings leases,
    Content content) {

  String get(Setting setting) {
    return settings.getOrDefault(setting, setting.fallback());
  }

  int number(Setting setting) {
    return Integer.parseInt(get(setting));
  }

  long longNumber(Setting setting) {
    return Long.parseLong(get(setting));
  }

  String region() {
    return get(Setting.REGION);
  }

  Path data() {
    return Path.of(get(Setting.DATA));
  }

  boolean hasMesh() {
    return get(Setting.MESH_KIND).equals("peers");
  }

  ApiSettings api() {
    return server(Setting.HTTP_HOST, Setting.HTTP_PORT);
  }

  ApiSettings metrics() {
    return server(Setting.METRICS_HOST, Setting.METRICS_PORT);
  }

  ApiSettings admin() {
    return server(Setting.ADMIN_HOST, Setting.ADMIN_PORT);
  }

  BatchSettings batch() {
    return new BatchSettings(
        number(Setting.BATCH_ITEMS_MAX),
        number(Setting.BATCH_ITEM_BYTES_MAX),
        number(Setting.BATCH_STALL_MILLIS),
        number(Setting.BATCH_UNDER_WAY_MAX));
  }

  private ApiSettings server(Setting host, Setting port) {
    return new ApiSettings(
        get(host),
        number(port),
        number(Setting.HTTP_BODY_BYTES_MAX),
        number(Setting.HTTP_BODY_MILLIS),
        number(Setting.HTTP_DEADLINE_MILLIS),
        number(Setting.HTTP_HEADER_MILLIS),
        number(Setting.HTTP_IDLE_MILLIS),
        number(Setting.HTTP_IN_FLIGHT_MAX),
        number(Setting.HTTP_CONNECTIONS_MAX));
  }
}
