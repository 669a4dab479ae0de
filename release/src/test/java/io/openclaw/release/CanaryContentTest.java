package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.yaml.ConfigException;
import io.openclaw.yaml.ConfigReader;
import io.openclaw.yaml.YamlTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Canaries as a part of a content: read, written, compared, changed. */
final class CanaryContentTest {
  private static final LimitSpec LIMIT =
      new LimitSpec("model/card", LimitSpec.Level.MODEL, 1000, 10);
  private static final CanaryBins BINS =
      new CanaryBins(List.of(new Decimal(15, 1), new Decimal(500, 0)), List.of("A"));

  private static final String YAML =
      """
      models:
        card: {kind: scorecard, version: v1, file: one}
        card@v2: {kind: scorecard, version: v2, file: two}
      tenants:
        bank: {model: card}
      canaries:
        - tenant: bank
          model: card
          version: v2
          weight: 5
          sticky: /customer~1id
          salt: 00ff00ff00ff00ff
          thresholds: {errorDifferenceMax: 0.02, promoteAfterSeconds: 60}
          bins: {edges: [1.5, 500], reasonCodes: [A]}
      """;

  private static ModelSpec model(String name, String version, @Nullable LimitSpec limit) {
    return new ModelSpec("here", name, "scorecard", version, version.getBytes(UTF_8), limit);
  }

  private static CanarySpec canary(String tenant, String version, String weight) {
    return new CanarySpec(
        tenant,
        "card",
        "v1",
        version,
        CanarySpec.Traffic.parse(weight),
        new CanarySpec.Sticky.Key(),
        7,
        BINS,
        CanaryThresholds.DEFAULTS);
  }

  private static Content content(List<Tenant> tenants) {
    return new Content(
        null, null, List.of(model("card", "v1", LIMIT)), tenants, List.of(), List.of(), Map.of());
  }

  private static Content started(List<Tenant> tenants) {
    return CanaryEdit.started(
        content(tenants), canary("bank", "v2", "5"), model("card@v2", "v2", null));
  }

  private static Content read(String yaml) throws ConfigException {
    ConfigReader reader = new ConfigReader();
    Content content =
        new ContentReader(reader, new AnyFile()).read(YamlTree.parse("content.yaml", yaml));
    reader.finish();
    return content;
  }

  /** Every file is there, and holds its own name. */
  private static final class AnyFile implements ModelFiles {
    @Override
    public String member() {
      return "file";
    }

    @Override
    public byte @Nullable [] bytes(YamlTree.Branch model, String path, ConfigReader reader) {
      return reader.text(model, path, "file", "").getBytes(UTF_8);
    }

    @Override
    public byte @Nullable [] samples(YamlTree.Branch tenant, String path, ConfigReader reader) {
      return null;
    }
  }

  private static String complaint(String from, String to) {
    assertThat(YAML).contains(from);
    try {
      read(YAML.replace(from, to));
      return "none";
    } catch (ConfigException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static List<String> names(Content content) {
    return content.models().stream()
        .map(each -> each.name() + "=" + each.version())
        .sorted()
        .toList();
  }

  /** As a node that has all blobs reads what another has written. */
  private static Content throughJson(Content content) {
    ContentJson.Reading reading =
        ContentJson.read(ContentJson.bytes(content), new BlobModels(Contents.blobs(content)));
    assertThat(reading.complaints()).isEmpty();
    return Objects.requireNonNull(reading.content());
  }

  @Test
  void a_canary_is_read_from_yaml_and_survives_its_canonical_document() throws Exception {
    Content content = read(YAML);
    CanarySpec canary = content.canaries().getFirst();
    assertThat(canary.stable()).isEqualTo("v1");
    assertThat(canary.traffic()).isEqualTo(new CanarySpec.Traffic.Weight(500));
    assertThat(canary.thresholds().errorDifferenceMax()).isEqualTo(0.02);
    assertThat(canary.bins()).isEqualTo(BINS);
    assertThat(throughJson(content).canaries()).isEqualTo(content.canaries());
    Content shadow =
        read(
            YAML.replace("weight: 5", "weight: shadow")
                .replace("sticky: /customer~1id", "sticky: key"));
    assertThat(throughJson(shadow).canaries()).isEqualTo(shadow.canaries());
    assertThat(shadow.canaries()).isNotEqualTo(content.canaries());
  }

  @Test
  void what_is_wrong_with_a_canary_is_said_with_what_was_expected() {
    assertThat(complaint("weight: 5", "weight: 5\n    colour: red")).contains("colour: unknown");
    assertThat(complaint("weight: 5", "weight: 101")).contains("weight: 101 (expected: 0 to 100");
    assertThat(complaint("    weight: 5\n", "")).contains("weight: missing");
    assertThat(complaint("    salt: 00ff00ff00ff00ff\n", ""))
        .contains("salt: missing", "openclaw canary start");
    assertThat(complaint("bins: {edges: [1.5, 500], reasonCodes: [A]}", "sticky: key"))
        .contains("stands here twice");
    assertThat(complaint("    bins: {edges: [1.5, 500], reasonCodes: [A]}\n", ""))
        .contains("bins: missing");
    assertThat(complaint("[1.5, 500]", "[500, 1.5]")).contains("edges: 1.5 (expected: more than");
    assertThat(complaint("errorDifferenceMax: 0.02", "errorDifferenceMax: 2"))
        .contains("2 (expected");
    assertThat(complaint("errorDifferenceMax: 0.02", "errors: 1"))
        .contains("threshold: \"errors\"");
    assertThat(complaint("- tenant: bank", "- tenant: bonk")).contains("bonk (expected: a tenant");
    assertThat(complaint("    version: v2\n    weight", "    version: v3\n    weight"))
        .contains("version: v3 (expected", "card@v2: no tenant uses it");
    assertThat(
            complaint(
                "  card@v2: {kind: scorecard, version: v2",
                "  card@v2: {kind: scorecard, version: v3"))
        .contains("expected: what stands after the @");
    assertThat(complaint("file: two}", "file: two, limit: {rate: 1, burst: 1}}"))
        .contains("no effect (expected: at models.card");
    assertThat(complaint("card@v2: {kind: scorecard", "card@v2: {kind: items"))
        .contains("is a model of kind items (expected: a model that keeps no state");
    assertThat(complaint("bank: {model: card}", "bank: {models: [card, card@v2]}"))
        .contains("expected: one version of the model");
    assertThat(complaint("weight: 5", "weight: 6")).as("nothing is wrong").isEqualTo("none");
  }

  @Test
  void a_plan_shows_what_canaries_come_go_and_weigh() {
    Content none = content(List.of(Contents.tenant("bank")));
    Content five = started(List.of(Contents.tenant("bank")));
    Content twenty = CanaryEdit.weighted(five, "bank", "card", CanarySpec.Traffic.parse("20"));
    assertThat(ContentDiff.of(none, five).text())
        .isEqualTo(
            "+ model card@v2\n+ canary bank/card v1 -> v2 5 %\n2 to add, 0 to change, 0 to remove");
    assertThat(ContentDiff.of(five, twenty).text())
        .startsWith("~ canary bank/card  weight: 5 -> 20\n");
    assertThat(ContentDiff.of(five, none).text()).contains("- canary bank/card v1 -> v2 5 %");
  }

  @Test
  void ending_leaves_what_was_before() {
    Content before = content(List.of(Contents.tenant("bank")));
    Content ended = CanaryEdit.ended(started(List.of(Contents.tenant("bank"))), "bank", "card");
    assertThat(ContentJson.bytes(ended)).isEqualTo(ContentJson.bytes(before));
  }

  @Test
  void a_version_that_somebody_else_uses_stays() {
    Tenant other = new Tenant("early", List.of("card@v2"), null, 1, null);
    Content ended =
        CanaryEdit.ended(started(List.of(Contents.tenant("bank"), other)), "bank", "card");
    assertThat(names(throughJson(ended))).containsExactly("card=v1", "card@v2=v2");
  }

  @Test
  void a_promotion_renews_the_plain_entry_and_keeps_its_limit() {
    Content promoted =
        throughJson(CanaryEdit.promoted(started(List.of(Contents.tenant("bank"))), "bank", "card"));
    assertThat(names(promoted)).containsExactly("card=v2");
    assertThat(promoted.models().getFirst().limit()).isEqualTo(LIMIT);
    assertThat(promoted.canaries()).isEmpty();
  }

  @Test
  void a_promotion_beside_other_tenants_names_the_version_and_the_next_one_lets_it_go() {
    Content content = started(List.of(Contents.tenant("bank"), Contents.tenant("other")));
    Content promoted = throughJson(CanaryEdit.promoted(content, "bank", "card"));
    assertThat(names(promoted)).containsExactly("card=v1", "card@v2=v2");
    assertThat(CanaryEdit.stable(promoted, "bank", "card").map(ModelSpec::version))
        .isEqualTo(Optional.of("v2"));
    Content again =
        throughJson(
            CanaryEdit.started(promoted, canary("bank", "v3", "5"), model("card@v3", "v3", null)));
    assertThat(again.canaries().getFirst().stable()).isEqualTo("v2");
    Content twice = throughJson(CanaryEdit.promoted(again, "bank", "card"));
    assertThat(names(twice)).containsExactly("card=v1", "card@v3=v3");
  }

  @Test
  void whatever_is_fixed_for_a_canarys_life_makes_it_another_one_and_its_weight_does_not() {
    Content five = started(List.of(Contents.tenant("bank")));
    String key = CanaryEdit.key(five, five.canaries().getFirst());
    assertThat(key).matches("bank/card/[0-9a-f]{16}");
    Content twenty = CanaryEdit.weighted(five, "bank", "card", CanarySpec.Traffic.parse("20"));
    assertThat(CanaryEdit.key(twenty, twenty.canaries().getFirst())).isEqualTo(key);
    List<String> keys = new ArrayList<>(List.of(key));
    CanarySpec spec = five.canaries().getFirst();
    for (CanarySpec other :
        List.of(
            new CanarySpec(
                "bank",
                "card",
                "v1",
                "v2",
                spec.traffic(),
                spec.sticky(),
                8,
                BINS,
                spec.thresholds()),
            new CanarySpec(
                "bank",
                "card",
                "v1",
                "v2",
                spec.traffic(),
                CanarySpec.Sticky.parse("/a"),
                7,
                BINS,
                spec.thresholds()))) {
      keys.add(CanaryEdit.key(five, other));
    }
    ModelSpec fixed =
        new ModelSpec("here", "card@v2", "scorecard", "v2", "fixed".getBytes(UTF_8), null);
    keys.add(
        CanaryEdit.key(
            CanaryEdit.started(content(List.of(Contents.tenant("bank"))), spec, fixed), spec));
    assertThat(keys).doesNotHaveDuplicates();
  }
}
