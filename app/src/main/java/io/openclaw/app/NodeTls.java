package io.openclaw.app;

import io.openclaw.tls.CertificateFiles;
import io.openclaw.tls.CertificateWatch;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.ServerTls;
import io.openclaw.tls.TlsEvents;
import io.openclaw.yaml.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A node's certificates, looked after while it runs. */
final class NodeTls implements AutoCloseable {
  private final TlsEvents events = new TlsEvents(SystemClock.INSTANCE::nanoTime);
  private final List<Certificates> all = new ArrayList<>();
  private final @Nullable ServerTls http;
  private final @Nullable ServerTls admin;
  private final @Nullable Certificates mesh;
  private final CertificateWatch watch;

  private NodeTls(NodeConfig config) throws ConfigException {
    boolean older = config.get(Setting.HTTP_TLS_MIN_VERSION).equals("1.2");
    http =
        listener(
            config,
            "http",
            Setting.HTTP_TLS_CERT,
            Setting.HTTP_TLS_KEY,
            Setting.HTTP_TLS_CLIENT_CA,
            config.tlsNames(),
            older);
    admin =
        listener(
            config,
            "admin",
            Setting.ADMIN_TLS_CERT,
            Setting.ADMIN_TLS_KEY,
            Setting.ADMIN_TLS_CLIENT_CA,
            List.of(),
            older);
    mesh =
        config.get(Setting.MESH_TLS_CERT).isEmpty()
            ? null
            : open(
                new CertificateFiles(
                    "mesh",
                    pair(config, Setting.MESH_TLS_CERT, Setting.MESH_TLS_KEY),
                    Path.of(config.get(Setting.MESH_TLS_CA)),
                    config.region(),
                    List.of()));
    watch = CertificateWatch.start(all);
  }

  /**
   * Reads all certificates that the configuration names.
   *
   * @throws ConfigException where some are not there or do not fit together
   */
  static NodeTls open(NodeConfig config) throws ConfigException {
    return new NodeTls(config);
  }

  private @Nullable ServerTls listener(
      NodeConfig config,
      String place,
      Setting cert,
      Setting key,
      Setting clientCa,
      List<CertificateFiles.Named> names,
      boolean older)
      throws ConfigException {
    if (config.get(cert).isEmpty()) {
      return null;
    }
    String ca = config.get(clientCa);
    return new ServerTls(
        open(
            new CertificateFiles(
                place, pair(config, cert, key), ca.isEmpty() ? null : Path.of(ca), null, names)),
        older);
  }

  private static CertificateFiles.Pair pair(NodeConfig config, Setting cert, Setting key) {
    return new CertificateFiles.Pair(Path.of(config.get(cert)), Path.of(config.get(key)));
  }

  private Certificates open(CertificateFiles files) throws ConfigException {
    return RegionTlsOptions.open(files, files.place() + ".tls: ", events, all);
  }

  /** How the service port speaks TLS. */
  @Nullable ServerTls http() {
    return http;
  }

  /** How the admin port does. */
  @Nullable ServerTls admin() {
    return admin;
  }

  /** What is shown to other regions, and which are believed. */
  @Nullable Certificates mesh() {
    return mesh;
  }

  void register(NodeMetrics metrics, String region) {
    TlsGauges.register(metrics, region, events, all);
  }

  @Override
  public void close() {
    watch.close();
  }
}
