package io.openclaw.app;

import io.openclaw.domain.ApiKey;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.QuotaSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.limit.LeaseSettings;
import io.openclaw.net.ApiSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a node was told, checked.
 *
 * @param settings every {@link Setting} with its value
 * @param regions the configured regions, this one among them
 * @param peers the other regions' mesh addresses, {@code host:port}
 * @param meshSecret what regions prove themselves with; empty where there is no mesh
 * @param leases how regions share the limits
 * @param global the limit over all tenants; null for none
 * @param globalQuota the quota over all tenants; null for none
 */
record NodeConfig(
    Map<Setting, String> settings,
    List<String> regions,
    Map<String, String> peers,
    Secret meshSecret,
    LeaseSettings leases,
    @Nullable LimitSpec global,
    @Nullable QuotaSpec globalQuota,
    List<Model> models,
    List<Tenant> tenants,
    List<ApiKey> keys) {

  /**
   * A configured model.
   *
   * @param place where it stands in the configuration
   * @param bytes its document
   * @param limit the limit over all requests it rates; null for none
   * @param quota the quota over all requests it rates; null for none
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, never changed
  record Model(
      String place,
      String name,
      String kind,
      String version,
      byte[] bytes,
      @Nullable LimitSpec limit,
      @Nullable QuotaSpec quota) {}

  String get(Setting setting) {
    return settings.getOrDefault(setting, setting.fallback());
  }

  int number(Setting setting) {
    return Integer.parseInt(get(setting));
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
