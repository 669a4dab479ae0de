package io.openclaw.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.LimitSpec;
import io.openclaw.domain.Tenant;
import io.openclaw.domain.Violation;
import io.openclaw.yaml.ConfigException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ContentEditsTest {
  private static final Content FULL = Contents.full();

  private static ContentEdit edit(String json) throws Exception {
    List<Violation> violations = new ArrayList<>();
    ContentEdit edit =
        ContentEdit.read(
            JsonReader.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)),
            "/edits/0",
            violations);
    assertThat(violations).isEmpty();
    return Objects.requireNonNull(edit);
  }

  private static Content apply(String... edits) throws Exception {
    List<ContentEdit> all = new ArrayList<>();
    for (String each : edits) {
      all.add(edit(each));
    }
    return ContentEdits.apply(FULL, all);
  }

  private static String diff(String... edits) throws Exception {
    return ContentDiff.of(FULL, apply(edits)).text();
  }

  private static void refused(String message, String... edits) {
    assertThatThrownBy(() -> apply(edits))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  private static Tenant tenant(Content content, String id) {
    return content.tenants().stream().filter(each -> each.id().equals(id)).findAny().orElseThrow();
  }

  @Test
  void only_what_is_given_changes() throws Exception {
    assertThat(diff("{'op':'set-tenant','tenant':'bank','members':{'threshold':700.5}}"))
        .isEqualTo("~ tenant bank  threshold: 650.5 -> 700.5\n0 to add, 1 to change, 0 to remove");
    assertThat(diff("{'op':'set-limit','of':'tenant','name':'bank','members':{'burst':40}}"))
        .startsWith("~ tenant bank  limit.burst: 30 -> 40\n0 to add");
    assertThat(diff("{'op':'set-quota','of':'all','members':{'per':'day'}}"))
        .startsWith("~ quota  per: month -> day\n0 to add");
    assertThat(diff("{'op':'set-limit','of':'key','name':'zzzzzz','members':{'rate':'2'}}"))
        .startsWith("~ key zzzzzz  limit.rate: 1 -> 2\n0 to add");
    assertThat(diff("{'op':'set-tenant','tenant':'bank','members':{'threshold':null}}"))
        .startsWith("~ tenant bank  threshold: 650.5 -> none\n0 to add");
  }

  @Test
  void the_members_of_a_fallback_change_one_by_one() throws Exception {
    String set = "{'op':'set-tenant','tenant':'bank','members':{'fallback':";
    assertThat(diff(set + "{'timeoutMillis':1000}}}"))
        .startsWith("~ tenant bank  fallback.timeoutMillis: 250 -> none\n0 to add");
    assertThat(diff(set + "{'authorization':null,'url':'http://other'}}}"))
        .contains("fallback.authorization: env:RATES_TOKEN -> none", "-> http://other");
    assertThat(tenant(apply(set + "null}}"), "bank").fallback()).isNull();
    refused("fallback.authorization: not a reference", set + "{'authorization':'s3cret'}}}");
    refused("fallback.url:", set + "{'url':null}}}");
  }

  @Test
  void the_overdraft_goes_with_the_mode_that_has_one() throws Exception {
    LimitSpec limit =
        Objects.requireNonNull(
            tenant(
                    apply(
                        "{'op':'set-limit','of':'tenant','name':'bank','members':{'mode':'strict'}}"),
                    "bank")
                .limit());
    assertThat(limit.mode()).isEqualTo(LimitSpec.Mode.STRICT);
    assertThat(limit.overdraft()).isZero();
  }

  @Test
  void a_later_edit_of_the_same_thing_wins() throws Exception {
    Content after =
        apply(
            "{'op':'set-tenant','tenant':'new','members':{'models':['card'],'threshold':'1'}}",
            "{'op':'set-tenant','tenant':'new','members':{'threshold':'2'}}",
            "{'op':'set-limit','of':'tenant','name':'new','members':{'rate':5,'burst':10}}",
            "{'op':'remove-limit','of':'tenant','name':'new'}");
    assertThat(tenant(after, "new").threshold()).isEqualTo(new Decimal(2, 0));
    assertThat(tenant(after, "new").limit()).isNull();
  }

  @Test
  void a_tenant_goes_with_its_keys_and_the_models_that_only_it_uses() throws Exception {
    Content after = apply("{'op':'remove-tenant','tenant':'bank'}");
    assertThat(after.tenants()).extracting(Tenant::id).containsExactly("a");
    assertThat(after.models()).extracting(ModelSpec::name).containsExactly("card");
    assertThat(after.keys()).extracting(key -> key.id()).containsExactly("aaaaaa");
  }

  @Test
  void what_is_wrong_is_said() {
    refused(
        "tenant bonk: is not there (expected: one of [a, bank], or models for a new one)",
        "{'op':'set-tenant','tenant':'bonk','members':{'cost':2}}");
    refused(
        "tenant bank: nothing changes",
        "{'op':'set-tenant','tenant':'bank','members':{'threshold':'650.50','cost':3}}");
    refused("tenant bonk: is not there", "{'op':'remove-tenant','tenant':'bonk'}");
    refused(
        "tenants.bank.models: lean (expected: one of [another, card])",
        "{'op':'set-tenant','tenant':'bank','members':{'models':['card','another','lean']}}");
    refused(
        "models.another: no tenant uses it",
        "{'op':'set-tenant','tenant':'bank','members':{'models':['card']}}");
    refused(
        "tenants.bank.treshold: unknown",
        "{'op':'set-tenant','tenant':'bank','members':{'treshold':'1'}}");
    refused(
        "tenants.bank.limit.mode: loose",
        "{'op':'set-limit','of':'tenant','name':'bank','members':{'mode':'loose'}}");
    refused(
        "rate, tokens per second, and burst",
        "{'op':'set-limit','of':'tenant','name':'a','members':{'rate':5}}");
    refused("tenant a: has no quota", "{'op':'remove-quota','of':'tenant','name':'a'}");
    refused(
        "key 4f6c2a: is not there (expected: one of [aaaaaa, zzzzzz]; the limit of a key made with"
            + " openclaw key create",
        "{'op':'set-limit','of':'key','name':'4f6c2a','members':{'rate':5,'burst':1}}");
    refused(
        "limit.burst: 2 (expected: >= the dearest cost, 3)",
        "{'op':'set-limit','of':'all','members':{'burst':2}}");
  }

  @Test
  void what_waited_may_be_so_by_now() throws Exception {
    List<ContentEdit> late =
        List.of(
            edit("{'op':'remove-tenant','tenant':'gone'}"),
            edit("{'op':'set-tenant','tenant':'bank','members':{'cost':3}}"));
    assertThat(ContentDiff.of(FULL, ContentEdits.apply(FULL, late, List.of())).isEmpty()).isTrue();
    assertThatThrownBy(() -> ContentEdits.apply(FULL, late)).hasMessageContaining("gone");
  }

  @Test
  void an_edit_is_the_same_after_its_json() throws Exception {
    ContentEdit.Owner owner = new ContentEdit.Owner(ContentEdit.Level.MODEL, "card");
    for (ContentEdit edit :
        List.of(
            new ContentEdit.SetTenant("a", Map.of("cost", new Json.Num(2))),
            new ContentEdit.RemoveTenant("a"),
            new ContentEdit.SetLimit(
                owner, ContentEdit.Kind.QUOTA, Map.of("per", new Json.Str("day"))),
            new ContentEdit.RemoveLimit(
                new ContentEdit.Owner(ContentEdit.Level.ALL, ""), ContentEdit.Kind.LIMIT))) {
      List<Violation> violations = new ArrayList<>();
      assertThat(ContentEdit.read(edit.json(), "", violations)).isEqualTo(edit);
      assertThat(violations).isEmpty();
    }
  }

  @Test
  void what_is_no_edit_is_refused_with_its_place() throws Exception {
    Map<String, String> bad =
        Map.of(
            "7", "/edits/0: a number",
            "{'op':'drop'}", "/edits/0/op: drop (expected: one of",
            "{'op':'set-tenant','tenant':'a','members':{}}", "/edits/0/members: ",
            "{'op':'remove-tenant','tenant':' '}", "/edits/0/tenant: ",
            "{'op':'remove-limit','of':'world'}", "/edits/0/of: world",
            "{'op':'remove-limit','of':'all','name':'x'}", "/edits/0/name: (expected: none",
            "{'op':'remove-tenant','tenant':'a','now':true}", "/edits/0/now: unknown");
    for (Map.Entry<String, String> each : bad.entrySet()) {
      List<Violation> violations = new ArrayList<>();
      Json json =
          JsonReader.read(each.getKey().replace('\'', '"').getBytes(StandardCharsets.UTF_8));
      assertThat(ContentEdit.read(json, "/edits/0", violations)).isNull();
      assertThat(violations)
          .first()
          .satisfies(v -> assertThat(v.pointer() + ": " + v.detail()).startsWith(each.getValue()));
    }
  }
}
