package io.openclaw.app;

import io.openclaw.tls.Certificates;
import io.openclaw.tls.TlsEvents;
import java.util.List;

/** What happens to certificates, as metrics. */
final class TlsGauges {
  private TlsGauges() {}

  /**
   * @param region of the metrics; {@code router} for a router
   */
  static void register(
      NodeMetrics metrics, String region, TlsEvents events, List<Certificates> all) {
    if (all.isEmpty()) {
      return;
    }
    metrics.counter(
        "openclaw_tls_refused_total",
        "Certificates and handshakes refused, by place and reason.",
        c ->
            events
                .refusals()
                .forEach((kind, n) -> c.call((double) n.sum(), region, kind.place(), kind.word())),
        "region",
        "place",
        "reason");
    metrics.counter(
        "openclaw_tls_reload_total",
        "Changed certificate files, by place and whether they were taken or refused.",
        c ->
            events
                .reloads()
                .forEach((kind, n) -> c.call((double) n.sum(), region, kind.place(), kind.word())),
        "region",
        "place",
        "result");
    metrics.gauge(
        "openclaw_tls_not_after_seconds",
        "When the certificates of a file end, Unix time.",
        c ->
            all.forEach(
                each ->
                    each.notAfterSeconds()
                        .forEach(
                            (file, end) ->
                                c.call((double) end, region, each.place(), file.toString()))),
        "region",
        "place",
        "file");
    metrics.gauge(
        "openclaw_tls_certificate_info",
        "The serial number of the certificate that is shown.",
        c -> all.forEach(each -> c.call(1, region, each.place(), each.serial())),
        "region",
        "place",
        "serial");
    metrics.gauge(
        "openclaw_tls_peer_info",
        "The serial number of the certificate that another showed last.",
        c ->
            events
                .peers()
                .forEach(
                    (peer, serial) ->
                        c.call(1, region, peer.place(), peer.name(), serial.toString(16))),
        "region",
        "place",
        "peer",
        "serial");
  }
}
