package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.openclaw.domain.FallbackSpec;
import io.openclaw.domain.Tenant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReleaseCheckTest {
  private static final String ID = "d".repeat(64);
  private static final Content BASE = Contents.of(10);
  private static final ModelLoader LOADS = model -> new ModelLoader.Trial.Good(1);

  private final Map<String, byte[]> blobs = new HashMap<>();

  private String put(byte[] bytes) {
    String digest = Sha256.hex(bytes);
    blobs.put(digest, bytes);
    return digest;
  }

  private String put(Content content) {
    blobs.putAll(ContentJson.blobs(content));
    return put(ContentJson.bytes(content));
  }

  private static ReleaseCheck.Proposal proposal(String content) {
    return new ReleaseCheck.Proposal(8, ID, "ops", "why", Manifest.Action.APPLY, content, false);
  }

  private ReleaseCheck.Verdict check(ReleaseCheck.Proposal proposal, ModelLoader loader) {
    return new ReleaseCheck(Contents.in(blobs), loader, SecretReferences.ALL_GOOD)
        .check(proposal, new ReleaseCheck.Base(7, ID, BASE));
  }

  private void stopped(
      ReleaseCheck.Stage stage,
      String message,
      ReleaseCheck.Proposal proposal,
      ModelLoader loader) {
    assertThat(check(proposal, loader))
        .isInstanceOfSatisfying(
            ReleaseCheck.Verdict.Refused.class,
            refused -> {
              assertThat(refused.stage()).as(refused.messages().toString()).isEqualTo(stage);
              assertThat(String.join("\n", refused.messages())).contains(message);
            });
  }

  private void stopped(ReleaseCheck.Stage stage, String message, String content) {
    stopped(stage, message, proposal(content), LOADS);
  }

  @Test
  void a_good_proposal_passes_with_its_plan() {
    String digest = put(Contents.of(11));
    assertThat(check(proposal(digest), model -> new ModelLoader.Trial.Good(0)))
        .isInstanceOfSatisfying(
            ReleaseCheck.Verdict.Passed.class,
            passed -> {
              assertThat(passed.diff().summary()).isEqualTo("2 to add, 0 to change, 0 to remove");
              assertThat(passed.notes()).singleElement().asString().contains("has no samples");
            });
  }

  @Test
  void a_proposal_that_does_not_follow_the_release_in_force_is_stale() {
    String digest = put(Contents.of(11));
    for (ReleaseCheck.Proposal late :
        List.of(
            new ReleaseCheck.Proposal(7, ID, "a", "m", Manifest.Action.APPLY, digest, true),
            new ReleaseCheck.Proposal(9, ID, "a", "m", Manifest.Action.APPLY, digest, true),
            new ReleaseCheck.Proposal(8, "", "a", "m", Manifest.Action.APPLY, digest, true),
            new ReleaseCheck.Proposal(
                8, "e".repeat(64), "a", "m", Manifest.Action.APPLY, digest, true))) {
      stopped(ReleaseCheck.Stage.STALE, "(expected: version 8 on dddddddddddd", late, LOADS);
    }
  }

  @Test
  void documents_that_are_none_are_stopped_by_the_schema() {
    String good = new String(ContentJson.bytes(Contents.of(11)), UTF_8);
    put(Contents.of(11));
    Map<String, String> bad =
        Map.of(
            good.substring(0, 80),
            "not JSON",
            good + good,
            "text after the JSON value",
            "[]",
            "expected: an object",
            good.replace("\"tenants\":{", "\"tenants\":{},\"tenants\":{"),
            "twice",
            good.replace("\"threshold\":\"650\"", "\"treshold\":\"650\""),
            "treshold: unknown",
            good.replace("\"version\":\"v1\"", "\"version\":null"),
            "/models/card/version",
            good.replace("\"models\":[\"card\"]", "\"models\":[]"),
            "no model",
            "{}",
            "no tenant is configured");
    bad.forEach(
        (document, message) ->
            stopped(ReleaseCheck.Stage.SCHEMA, message, put(document.getBytes(UTF_8))));
    for (String blank : List.of("", "   ")) {
      stopped(
          ReleaseCheck.Stage.SCHEMA,
          "message: blank",
          new ReleaseCheck.Proposal(
              8, ID, "ops", blank, Manifest.Action.APPLY, put(Contents.of(11)), false),
          LOADS);
      stopped(
          ReleaseCheck.Stage.SCHEMA,
          "author: blank",
          new ReleaseCheck.Proposal(
              8, ID, blank, "why", Manifest.Action.APPLY, put(Contents.of(11)), false),
          LOADS);
    }
  }

  @Test
  void names_of_what_is_not_there_are_stopped_by_the_references() {
    stopped(ReleaseCheck.Stage.REFERENCES, "is missing", "f".repeat(64));
    String good = new String(ContentJson.bytes(Contents.of(11)), UTF_8);
    put(Contents.of(11));
    stopped(
        ReleaseCheck.Stage.REFERENCES,
        "tenants.tenant3.models: cord (expected: one of [card])",
        put(
            good.replace("\"tenant3\":{\"models\":[\"card\"]", "\"tenant3\":{\"models\":[\"cord\"]")
                .getBytes(UTF_8)));
    blobs.remove(Sha256.hex(Contents.CARD.bytes()));
    stopped(ReleaseCheck.Stage.REFERENCES, "models.card.sha256", put(good.getBytes(UTF_8)));
  }

  @Test
  void what_is_over_its_cap_is_too_large() {
    Content large =
        new Content(
            null,
            null,
            List.of(Contents.model("card", " ".repeat(ModelFiles.MODEL_BYTES_MAX + 1))),
            BASE.tenants(),
            BASE.keys(),
            List.of(),
            Map.of());
    stopped(ReleaseCheck.Stage.TOO_LARGE, "expected: at most 16777216", put(large));
    stopped(
        ReleaseCheck.Stage.TOO_LARGE,
        "the content document, bytes",
        put(new byte[ContentJson.DOCUMENT_BYTES_MAX + 1]));
    List<Tenant> many =
        IntStream.rangeClosed(0, ReleaseCheck.TENANTS_MAX)
            .mapToObj(i -> Contents.tenant("t" + i))
            .toList();
    stopped(
        ReleaseCheck.Stage.TOO_LARGE,
        "tenants: 20001 (expected: at most 20000)",
        put(new Content(null, null, List.of(Contents.CARD), many, List.of(), List.of(), Map.of())));
  }

  @Test
  void what_changes_nothing_is_empty() {
    stopped(ReleaseCheck.Stage.EMPTY, "nothing changes", put(BASE));
  }

  private static Content without(int tenants, int keys) {
    return new Content(
        null,
        null,
        BASE.models(),
        BASE.tenants().subList(0, 10 - tenants),
        BASE.keys().subList(0, 10 - keys),
        List.of(),
        Map.of());
  }

  @Test
  void more_than_a_fifth_may_vanish_only_where_it_is_allowed() {
    assertThat(check(proposal(put(without(2, 2))), LOADS))
        .isInstanceOf(ReleaseCheck.Verdict.Passed.class);
    stopped(ReleaseCheck.Stage.MASS_DELETE, "3 of 10 keys vanish", put(without(2, 3)));
    stopped(ReleaseCheck.Stage.MASS_DELETE, "3 of 10 tenants vanish", put(without(3, 3)));
    String digest = put(without(9, 9));
    assertThat(
            check(
                new ReleaseCheck.Proposal(8, ID, "a", "m", Manifest.Action.APPLY, digest, true),
                LOADS))
        .isInstanceOf(ReleaseCheck.Verdict.Passed.class);
  }

  @Test
  void of_a_few_only_all_of_them_count() {
    Content four = Contents.of(4);
    List<String> verdicts = new ArrayList<>();
    for (Content after :
        List.of(
            new Content(
                null,
                null,
                four.models(),
                four.tenants().subList(0, 1),
                List.of(four.keys().getFirst()),
                List.of(),
                Map.of()),
            new Content(
                null, null, four.models(), four.tenants(), List.of(), List.of(), Map.of()))) {
      ReleaseCheck.Verdict verdict =
          new ReleaseCheck(Contents.blobs(after), LOADS, SecretReferences.ALL_GOOD)
              .check(
                  new ReleaseCheck.Proposal(
                      1,
                      "",
                      "a",
                      "m",
                      Manifest.Action.APPLY,
                      Sha256.hex(ContentJson.bytes(after)),
                      false),
                  new ReleaseCheck.Base(0, "", four));
      verdicts.add(
          verdict instanceof ReleaseCheck.Verdict.Refused refused
              ? String.join("", refused.messages())
              : "passed");
    }
    assertThat(verdicts.getFirst()).isEqualTo("passed");
    assertThat(verdicts.getLast()).contains("4 of 4 keys vanish (expected: not all");
  }

  @Test
  void models_are_tried_in_the_end() {
    String digest = put(Contents.of(11));
    stopped(
        ReleaseCheck.Stage.MODEL,
        "models.card: /kind: broken",
        proposal(digest),
        model -> new ModelLoader.Trial.Unloadable("/kind: broken"));
    stopped(
        ReleaseCheck.Stage.SAMPLES,
        "models.card: /samples/0: boom",
        proposal(digest),
        model -> new ModelLoader.Trial.FailsSamples("/samples/0: boom"));
  }

  private static Content fallingBack(String reference) {
    List<Tenant> tenants = new ArrayList<>(BASE.tenants());
    tenants.set(
        0,
        new Tenant(
            "tenant0",
            List.of("card"),
            null,
            1,
            null,
            null,
            new FallbackSpec("http://rates", 1_000, reference, null)));
    return new Content(null, null, BASE.models(), tenants, BASE.keys(), List.of(), Map.of());
  }

  private ReleaseCheck.Verdict check(Content content, SecretReferences secrets) {
    return new ReleaseCheck(Contents.in(blobs), LOADS, secrets)
        .check(proposal(put(content)), new ReleaseCheck.Base(7, ID, BASE));
  }

  @Test
  void a_secret_that_is_not_in_this_region_is_a_reference_to_what_is_not_there() {
    SecretReferences none = reference -> reference + " is not here";
    assertThat(check(fallingBack("env:RATES_TOKEN"), none))
        .isEqualTo(
            new ReleaseCheck.Verdict.Refused(
                ReleaseCheck.Stage.REFERENCES,
                List.of("tenants.tenant0.fallback.authorization: env:RATES_TOKEN is not here")));
    assertThat(check(fallingBack("env:RATES_TOKEN"), SecretReferences.ALL_GOOD))
        .isInstanceOf(ReleaseCheck.Verdict.Passed.class);
    assertThat(check(BASE, none))
        .as("a content without a reference needs none")
        .isInstanceOfSatisfying(
            ReleaseCheck.Verdict.Refused.class,
            refused -> assertThat(refused.stage()).isEqualTo(ReleaseCheck.Stage.EMPTY));
  }
}
