package io.openclaw.net;

import io.openclaw.tls.AuthorityFolder;
import io.openclaw.tls.CertificateFiles;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.Names;
import io.openclaw.tls.Refusal;
import io.openclaw.tls.TlsEvents;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An authority in a folder, and certificates of regions beside it. */
final class TestCertificates {
  static final Duration DAY = Duration.ofDays(1);

  final Path folder;
  private final AuthorityFolder authority;

  TestCertificates(Path folder) throws IOException {
    this.folder = folder;
    authority = new AuthorityFolder(folder.resolve("ca"), new SecureRandom());
    authority.init(Instant.now());
  }

  AuthorityFolder authority() {
    return authority;
  }

  /** Issues for this machine; the serial number. */
  String issue(String out, List<String> uris, Instant from, Duration lifetime) throws IOException {
    return authority
        .issue(
            new AuthorityFolder.Wish("test", uris, List.of("localhost"), List.of("127.0.0.1")),
            folder.resolve(out),
            from,
            lifetime)
        .getSerialNumber()
        .toString(16);
  }

  String issue(String region) throws IOException {
    return issue(region, List.of(Names.region(region)), Instant.now(), DAY);
  }

  Path file(String out, String name) {
    return folder.resolve(out).resolve(name);
  }

  /**
   * @param aheadMillis how far the clock is ahead
   */
  Certificates open(
      String place, String out, @Nullable String region, TlsEvents events, AtomicLong aheadMillis)
      throws IOException {
    return Certificates.open(
        new CertificateFiles(
            place,
            new CertificateFiles.Pair(file(out, "tls.crt"), file(out, "tls.key")),
            file(out, "ca.crt"),
            region,
            List.of()),
        events,
        () -> System.currentTimeMillis() + aheadMillis.get());
  }

  static long refused(TlsEvents events, String place, Refusal refusal) {
    var count = events.refusals().get(new TlsEvents.Kind(place, refusal.word()));
    return count == null ? 0 : count.sum();
  }
}
