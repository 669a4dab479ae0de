package io.openclaw.app;

import io.openclaw.tls.AuthorityFolder;
import io.openclaw.tls.Names;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw cert}: a small certificate authority in a folder, for who has none. */
@Command(
    name = "cert",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "A small certificate authority in a folder: certificates for regions and routers, and their rotation.",
    subcommands = {CommandLine.HelpCommand.class},
    footer = {
      "",
      "Example:",
      "  openclaw cert init --dir ca",
      "  openclaw cert issue --dir ca --region us-east-1 --out /etc/openclaw/tls",
      "writes tls.crt, tls.key and ca.crt there. Keep ca/authority.key where no node runs."
    })
final class CertCommand {
  private static final int DAYS_DEFAULT = 90;
  private static final int DAYS_MAX = 3650;
  private static final int NAMES_MAX = 100;
  private static final String DNS = "(\\*\\.)?[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63}){0,10}";

  /** Where the authority is. */
  static final class Folder {
    @Option(
        names = "--dir",
        paramLabel = "FOLDER",
        description = "The authority's folder, ./ca by default.")
    Path dir = Path.of("ca");

    AuthorityFolder open() {
      return new AuthorityFolder(dir, new SecureRandom());
    }
  }

  @Command(
      name = "init",
      mixinStandardHelpOptions = true,
      description = "Makes an authority, valid for ten years.")
  int init(@CommandLine.Mixin Folder folder) throws IOException {
    folder.open().init(now());
    System.out.println(
        "made an authority in "
            + folder.dir
            + "; "
            + folder.dir.resolve("ca.crt")
            + " is for nodes");
    return 0;
  }

  @Command(
      name = "issue",
      mixinStandardHelpOptions = true,
      description =
          "Issues a certificate with a new key, as tls.crt, tls.key and ca.crt in a folder; files there are replaced.")
  int issue(
      @CommandLine.Mixin Folder folder,
      @Option(names = "--region", paramLabel = "NAME", description = "For a node of that region.")
          @Nullable String region,
      @Option(names = "--router", description = "For a router.") boolean router,
      @Option(
              names = "--dns",
              paramLabel = "NAME",
              description = "A DNS name that clients use; repeatable.")
          @Nullable List<String> dns,
      @Option(
              names = "--ip",
              paramLabel = "ADDRESS",
              description = "An address that clients use; repeatable.")
          @Nullable List<String> addresses,
      @Option(
              names = "--days",
              paramLabel = "N",
              description = "How long it is valid, 90 by default; below 0: it ended so long ago.")
          @Nullable Integer days,
      @Option(names = "--out", required = true, paramLabel = "FOLDER", description = "Where to.")
          Path out)
      throws IOException, ConfigException {
    List<String> names = dns == null ? List.of() : dns;
    List<String> at = addresses == null ? List.of() : addresses;
    int lifetime = days == null ? DAYS_DEFAULT : days;
    check(region, router, names, at, lifetime);
    List<String> uris = new ArrayList<>();
    if (region != null) {
      uris.add(Names.region(region));
    }
    if (router) {
      uris.add(Names.ROUTER);
    }
    String subject =
        region != null ? region : router ? "router" : names.isEmpty() ? "server" : names.getFirst();
    X509Certificate issued =
        folder
            .open()
            .issue(
                new AuthorityFolder.Wish(subject, uris, names, at),
                out,
                now(),
                Duration.ofDays(lifetime));
    System.out.println("issued into " + out + ":");
    show(issued);
    return 0;
  }

  private static void check(
      @Nullable String region, boolean router, List<String> names, List<String> addresses, int days)
      throws ConfigException {
    List<String> problems = new ArrayList<>();
    if (region != null && !region.matches(ConfigLoader.REGION_NAME)) {
      problems.add("--region: " + region + " (expected: " + ConfigLoader.REGION_EXPECTED + ")");
    }
    if (region != null && router) {
      problems.add("--router: with --region (expected: one of them)");
    }
    if (region == null && !router && names.isEmpty() && addresses.isEmpty()) {
      problems.add("no name (expected: --region, --router, --dns or --ip)");
    }
    for (String name : names) {
      if (!name.matches(DNS)) {
        problems.add("--dns: " + name + " (expected: like api.example.com or *.example.com)");
      }
    }
    if (names.size() + addresses.size() > NAMES_MAX) {
      problems.add(
          "--dns and --ip: "
              + (names.size() + addresses.size())
              + " (expected: at most "
              + NAMES_MAX
              + ")");
    }
    if (days == 0 || days < -DAYS_MAX || days > DAYS_MAX) {
      problems.add("--days: " + days + " (expected: 1 to " + DAYS_MAX + ", or below 0)");
    }
    if (!problems.isEmpty()) {
      throw new ConfigException(problems);
    }
  }

  @Command(
      name = "rotate",
      mixinStandardHelpOptions = true,
      description = {
        "Makes the next authority beside the old one: ca.crt then holds both, and what is issued from then on is believed by"
            + " who knows either.",
        "With --finish, when all nodes have new certificates and the new ca.crt: the old one is dropped."
      })
  int rotate(
      @CommandLine.Mixin Folder folder,
      @Option(names = "--finish", description = "Drop the old authority.") boolean finish)
      throws IOException {
    if (finish) {
      folder.open().finish();
      System.out.println(
          "the old authority is dropped; copy " + folder.dir.resolve("ca.crt") + " to all nodes");
    } else {
      folder.open().rotate(now());
      System.out.println(
          "the next authority issues; give all nodes new certificates, then rotate --finish");
    }
    return 0;
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Prints subject, names, validity, issuer and serial number of certificates.")
  int show(
      @Parameters(paramLabel = "FILE", arity = "1..*", description = "PEM files.") List<Path> files)
      throws IOException {
    for (Path file : files) {
      List<X509Certificate> all = AuthorityFolder.certificates(file);
      for (int i = 0; i < all.size(); i++) {
        System.out.println(file + ", certificate " + (i + 1) + " of " + all.size() + ":");
        show(all.get(i));
      }
    }
    return 0;
  }

  private static void show(X509Certificate certificate) {
    System.out.println("  subject  " + certificate.getSubjectX500Principal());
    System.out.println("  names    " + String.join(", ", Names.all(certificate)));
    System.out.println(
        "  valid    "
            + certificate.getNotBefore().toInstant()
            + " to "
            + certificate.getNotAfter().toInstant());
    System.out.println("  issuer   " + certificate.getIssuerX500Principal());
    System.out.println("  serial   " + certificate.getSerialNumber().toString(16));
  }

  private static Instant now() {
    return Instant.ofEpochMilli(SystemClock.INSTANCE.wallMillis());
  }
}
