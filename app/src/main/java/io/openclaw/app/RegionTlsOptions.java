package io.openclaw.app;

import io.openclaw.tls.CertificateFiles;
import io.openclaw.tls.Certificates;
import io.openclaw.tls.TlsEvents;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How regions at https addresses are spoken to, as options of a command. */
final class RegionTlsOptions {
  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "Authorities that certificates of regions at https addresses must lead to (PEM).")
  @Nullable Path ca;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "With --ca: the certificate that regions are shown (PEM).")
  @Nullable Path cert;

  @Option(names = "--key", paramLabel = "FILE", description = "With --cert: its key.")
  @Nullable Path key;

  /** The files that are named; null where none is. */
  @Nullable CertificateFiles files() throws ConfigException {
    CertificateFiles.Pair own = pair("--cert", cert, "--key", key);
    if (own != null && ca == null) {
      throw new ConfigException(List.of("--ca: missing (expected: with --cert)"));
    }
    return ca == null ? null : new CertificateFiles("regions", own, ca, null, List.of());
  }

  static CertificateFiles.@Nullable Pair pair(
      String certOption, @Nullable Path cert, String keyOption, @Nullable Path key)
      throws ConfigException {
    if (cert == null && key == null) {
      return null;
    }
    if (cert == null || key == null) {
      throw new ConfigException(
          List.of(
              (cert == null ? certOption : keyOption)
                  + ": missing (expected: with "
                  + (cert == null ? keyOption : certOption)
                  + ")"));
    }
    return new CertificateFiles.Pair(cert, key);
  }

  /** Opens files, if there are any, and adds them to {@code all}. */
  static @Nullable Certificates open(
      @Nullable CertificateFiles files, TlsEvents events, List<Certificates> all)
      throws ConfigException {
    return files == null ? null : open(files, "", events, all);
  }

  /**
   * Opens files and adds them to {@code all}.
   *
   * @param prefix of the message where they do not do: who names them
   */
  static Certificates open(
      CertificateFiles files, String prefix, TlsEvents events, List<Certificates> all)
      throws ConfigException {
    try {
      Certificates opened = Certificates.open(files, events, SystemClock.INSTANCE::wallMillis);
      all.add(opened);
      return opened;
    } catch (IOException e) {
      throw new ConfigException(List.of(prefix + e.getMessage()));
    }
  }

  /** Refuses https addresses without an authority. */
  static void requireCa(Map<String, URI> regions, @Nullable Certificates upstream)
      throws ConfigException {
    for (Map.Entry<String, URI> region : regions.entrySet()) {
      if ("https".equals(region.getValue().getScheme()) && upstream == null) {
        throw new ConfigException(
            List.of(
                "--region "
                    + region.getKey()
                    + "="
                    + region.getValue()
                    + ": (expected: with --ca, or http)"));
      }
    }
  }
}
