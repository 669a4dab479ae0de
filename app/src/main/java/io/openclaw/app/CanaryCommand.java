package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Rating;
import io.openclaw.rating.Attempt;
import io.openclaw.rating.Checked;
import io.openclaw.rating.ModelException;
import io.openclaw.rating.ModelSource;
import io.openclaw.rating.RatingModel;
import io.openclaw.release.CanaryBins;
import io.openclaw.release.CanaryEdit;
import io.openclaw.release.CanarySpec;
import io.openclaw.release.CanaryThresholds;
import io.openclaw.release.Content;
import io.openclaw.release.Manifest;
import io.openclaw.release.ModelFiles;
import io.openclaw.release.ModelSpec;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code openclaw canary}: tries another version of a model on a part of a tenant's requests. */
@Command(
    name = "canary",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "Tries another version of a tenant's model on a part of its requests, and compares; each"
            + " change is a release.",
    subcommands = {CommandLine.HelpCommand.class},
    footer = {
      "",
      "A canary that is worse is rolled back by itself; one that is healthy for long enough is promoted.",
      AdminNode.KEY_SOURCES
    })
final class CanaryCommand {
  /** Ratings of samples from which classes are made. */
  static final int SAMPLES_MIN = 20;

  private static final int SAMPLES_MAX = 100_000;

  /** Whose canary it is. */
  static final class Target {
    @Option(names = "--tenant", required = true, paramLabel = "T", description = "Whose requests.")
    String tenant = "";

    @Option(
        names = "--model",
        required = true,
        paramLabel = "M",
        description = "The model's name, without a version.")
    String model = "";

    @Mixin Signed signed = new Signed();

    @Option(
        names = {"-m", "--message"},
        paramLabel = "TEXT",
        description = "Why.")
    @Nullable String message;

    private String name() {
      return tenant + "/" + model;
    }

    private ReleaseClient.Wish wish(String what) {
      return new ReleaseClient.Wish(
          signed.author, message == null ? what : message, false, true, true, true, false);
    }

    private CanarySpec canary(Content content) throws IOException {
      return CanaryEdit.find(content, tenant, model)
          .orElseThrow(
              () -> new IOException(name() + " has no canary (openclaw canary status lists all)"));
    }
  }

  /** How much the canary rates. */
  static final class Part {
    @Option(
        names = "--weight",
        paramLabel = "PERCENT",
        description = "What part of the requests it rates, 0 to 100; 100 is blue/green.")
    @Nullable String weight;

    @Option(names = "--shadow", description = "Rate every request, too, and answer none.")
    boolean shadow;

    private CanarySpec.Traffic traffic() throws ConfigException {
      if (shadow == (weight != null)) {
        throw new ConfigException(List.of("--weight or --shadow: (expected: one of them)"));
      }
      try {
        return CanarySpec.Traffic.parse(weight == null ? "shadow" : weight);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(List.of("--" + e.getMessage()));
      }
    }
  }

  /** The version that is tried. */
  static final class Tried {
    @Option(
        names = "--version",
        required = true,
        paramLabel = "V",
        description = "The version that is tried, such as v2.")
    String version = "";

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "Its document; not needed where the release holds that version already.")
    @Nullable Path file;

    @Option(
        names = "--kind",
        paramLabel = "KIND",
        description = "Its kind, scorecard by default; models that keep state have no canaries.")
    String kind = "scorecard";

    private ModelSpec model(Content content, String model) throws IOException, ConfigException {
      String name = ModelSpec.versioned(model, version);
      if (file == null) {
        return content.models().stream()
            .filter(each -> each.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new ConfigException(
                        List.of("--file: missing (expected: the document of " + name + ")")));
      }
      if (!Files.isReadable(file) || Files.size(file) > ModelFiles.MODEL_BYTES_MAX) {
        throw new IOException(
            file + " cannot be read, or is larger than " + ModelFiles.MODEL_BYTES_MAX + " bytes");
      }
      byte[] bytes = Files.readAllBytes(file);
      for (ModelSpec other : content.models()) {
        if (other.name().equals(name) && !Arrays.equals(other.bytes(), bytes)) {
          throw new IOException(
              "the release holds another document as "
                  + name
                  + " (give the new one a version of its own)");
        }
      }
      return new ModelSpec(file.toString(), name, kind, version, bytes, null);
    }
  }

  /** What the canary is compared by. */
  static final class Comparison {
    @Option(
        names = "--sticky",
        paramLabel = "key|/POINTER",
        description = "What stays with its version: the key, by default, or a field of the input.")
    String sticky = "key";

    @Option(
        names = "--threshold",
        paramLabel = "NAME=VALUE",
        description = "Another threshold than the default one; repeatable; see docs/canary.md.")
    Map<String, Double> thresholds = Map.of();

    @Option(
        names = "--samples",
        paramLabel = "FILE",
        description =
            "Recorded inputs, one JSON object a line, to make classes of ratings by; the models'"
                + " own samples by default.")
    @Nullable Path samples;

    @Option(
        names = "--salt",
        paramLabel = "HEX",
        description =
            "16 hex digits; drawn by default. The same for regions that are published to one by"
                + " one.")
    @Nullable String salt;

    private CanaryThresholds thresholds() throws ConfigException {
      CanaryThresholds all = CanaryThresholds.DEFAULTS;
      try {
        for (Map.Entry<String, Double> each : thresholds.entrySet()) {
          all = all.with(each.getKey(), each.getValue());
        }
      } catch (IllegalArgumentException e) {
        throw new ConfigException(List.of("--threshold " + e.getMessage()));
      }
      return all;
    }

    private long salt() throws ConfigException {
      if (salt == null) {
        return new SecureRandom().nextLong();
      }
      if (!salt.matches("[0-9a-f]{16}")) {
        throw new ConfigException(List.of("--salt: " + salt + " (expected: 16 hex digits)"));
      }
      return HexFormat.fromHexDigitsToLong(salt);
    }

    private CanaryBins bins(ModelSpec stable, ModelSpec tried) throws IOException {
      try {
        ModelKinds kinds = new ModelKinds();
        RatingModel model =
            kinds.load(
                stable.kind(), new ModelSource(stable.model(), stable.version(), stable.bytes()));
        List<Json.Obj> inputs = new ArrayList<>();
        if (samples == null) {
          inputs.addAll(kinds.samples(stable.kind(), stable.bytes()));
          inputs.addAll(kinds.samples(tried.kind(), tried.bytes()));
        } else {
          inputs.addAll(lines(samples));
        }
        List<Rating> ratings = new ArrayList<>();
        for (Json.Obj input : inputs) {
          if (model.check(input) instanceof Checked.Ready ready) {
            ratings.add(ready.rate(Attempt.ONCE).toCompletableFuture().join());
          }
        }
        if (ratings.size() < SAMPLES_MIN) {
          throw new IOException(
              "%d samples that %s %s rates (expected: at least %d, to make classes of ratings; put inputs into `samples` of one of the two versions' documents, or name a file of them with --samples)"
                  .formatted(ratings.size(), stable.model(), stable.version(), SAMPLES_MIN));
        }
        return CanaryBins.ofSample(ratings);
      } catch (ModelException e) {
        throw new IOException(tried.name() + ": " + e.getMessage(), e);
      }
    }

    private static List<Json.Obj> lines(Path file) throws IOException {
      if (!Files.isReadable(file)) {
        throw new IOException(file + " cannot be read");
      }
      List<Json.Obj> inputs = new ArrayList<>();
      List<String> lines = Files.readAllLines(file);
      for (int i = 0; i < Math.min(lines.size(), SAMPLES_MAX); i++) {
        if (lines.get(i).isBlank()) {
          continue;
        }
        try {
          if (JsonReader.read(lines.get(i).getBytes(StandardCharsets.UTF_8))
              instanceof Json.Obj input) {
            inputs.add(input);
            continue;
          }
        } catch (JsonSyntaxException e) {
          throw new IOException(file + ":" + (i + 1) + ": not JSON: " + e.detail(), e);
        }
        throw new IOException(file + ":" + (i + 1) + ": (expected: an object a line)");
      }
      return inputs;
    }
  }

  @Command(
      name = "start",
      description = "Lets another version rate a part of the requests; at once, everywhere.")
  int start(
      @Mixin AdminNode node,
      @Mixin Target target,
      @Mixin Tried tried,
      @Mixin Part part,
      @Mixin Comparison comparison,
      @Option(
              names = {"-h", "--help"},
              usageHelp = true,
              description = "Show this help message and exit.")
          boolean help)
      throws IOException, ConfigException, InterruptedException {
    CanarySpec.Traffic traffic = part.traffic();
    CanaryThresholds thresholds = comparison.thresholds();
    ReleaseClient client = new ReleaseClient(node);
    Content content = client.served();
    ModelSpec stable =
        CanaryEdit.stable(content, target.tenant, target.model)
            .orElseThrow(
                () ->
                    new IOException(
                        "no tenant "
                            + target.tenant
                            + " rates with a model "
                            + target.model
                            + " (openclaw release show lists them)"));
    if (CanaryEdit.find(content, target.tenant, target.model).isPresent()) {
      throw new IOException(
          target.name() + " has a canary already (openclaw canary weight, promote or abort)");
    }
    ModelSpec model = tried.model(content, target.model);
    if (stable.keepsState() || model.keepsState()) {
      throw new IOException(
          target.model
              + " is a model of kind items (expected: a model that keeps no state, since what one"
              + " version counts the other does not know)");
    }
    CanarySpec canary;
    try {
      canary =
          new CanarySpec(
              target.tenant,
              target.model,
              stable.version(),
              tried.version,
              traffic,
              CanarySpec.Sticky.parse(comparison.sticky),
              comparison.salt(),
              comparison.bins(stable, model),
              thresholds);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(List.of(String.valueOf(e.getMessage())));
    }
    return ReleaseCommand.publish(
        node,
        client,
        CanaryEdit.started(content, canary, model),
        Manifest.Action.WRITE,
        target.wish("start canary " + target.name() + " " + tried.version));
  }

  @Command(
      name = "weight",
      mixinStandardHelpOptions = true,
      description = "Changes what part the canary rates; the comparison starts anew.")
  int weight(@Mixin AdminNode node, @Mixin Target target, @Mixin Part part)
      throws IOException, ConfigException, InterruptedException {
    CanarySpec.Traffic traffic = part.traffic();
    return edit(
        node,
        target,
        "weight",
        canary -> traffic.text(),
        content -> CanaryEdit.weighted(content, target.tenant, target.model, traffic));
  }

  @Command(
      name = "promote",
      mixinStandardHelpOptions = true,
      description = "Makes the canary's version the stable one.")
  int promote(@Mixin AdminNode node, @Mixin Target target)
      throws IOException, ConfigException, InterruptedException {
    return edit(
        node,
        target,
        "promote",
        CanarySpec::canary,
        content -> CanaryEdit.promoted(content, target.tenant, target.model));
  }

  @Command(
      name = "abort",
      mixinStandardHelpOptions = true,
      description = "Ends the canary: the stable version rates everything again.")
  int abort(@Mixin AdminNode node, @Mixin Target target)
      throws IOException, ConfigException, InterruptedException {
    return edit(
        node,
        target,
        "abort",
        CanarySpec::canary,
        content -> CanaryEdit.ended(content, target.tenant, target.model));
  }

  /** Publishes what is served with a canary that there is changed. */
  private static int edit(
      AdminNode node,
      Target target,
      String what,
      Function<CanarySpec, String> detail,
      UnaryOperator<Content> edit)
      throws IOException, ConfigException, InterruptedException {
    ReleaseClient client = new ReleaseClient(node);
    Content content = client.served();
    CanarySpec canary = target.canary(content);
    return ReleaseCommand.publish(
        node,
        client,
        edit.apply(content),
        Manifest.Action.WRITE,
        target.wish(what + " canary " + target.name() + " " + detail.apply(canary)));
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Shows all canaries: what all regions counted, and the verdict so far.")
  int status(@Mixin AdminNode node) throws IOException, ConfigException, InterruptedException {
    Json.Obj answer = node.call("GET", "/admin/v1/canaries", null);
    node.print(
        answer,
        () -> {
          List<Json> all =
              answer.get("canaries") instanceof Json.Arr array ? array.elements() : List.of();
          if (all.isEmpty()) {
            System.out.println("no canaries");
            return;
          }
          System.out.printf(
              "%-24s %-14s %-7s %-9s %-19s %-15s %-17s %-11s %s%n",
              "CANARY",
              "VERSIONS",
              "WEIGHT",
              "STATE",
              "REQUESTS",
              "ERRORS",
              "P95 MS",
              "PROMOTED IN",
              "VERDICT");
          all.forEach(each -> System.out.println(row((Json.Obj) each)));
        });
    return 0;
  }

  private static String row(Json.Obj canary) {
    String seconds = AdminNode.text(canary, "promoted_in_seconds");
    return "%-24s %-14s %-7s %-9s %-19s %-15s %-17s %-11s %s"
        .formatted(
            AdminNode.text(canary, "tenant") + "/" + AdminNode.text(canary, "model"),
            AdminNode.text(canary, "stable") + " -> " + AdminNode.text(canary, "canary"),
            AdminNode.text(canary, "weight"),
            AdminNode.text(canary, "state"),
            both(canary, "requests", 1, "%.0f"),
            both(canary, "errors", 1, "%.0f"),
            both(canary, "p95_micros", 1000, "%.3f"),
            seconds.isEmpty() ? "-" : seconds + " s",
            AdminNode.text(canary, "verdict"))
        .stripTrailing();
  }

  /** Stable and canary. */
  private static String both(Json.Obj canary, String member, double unit, String format) {
    List<String> texts = new ArrayList<>();
    for (String variant : List.of("stable", "canary")) {
      if (canary.get(member) instanceof Json.Obj counts
          && counts.get(variant) instanceof Json.Num count) {
        texts.add(String.format(Locale.ROOT, format, count.value() / unit));
      }
    }
    return String.join(" / ", texts);
  }
}
