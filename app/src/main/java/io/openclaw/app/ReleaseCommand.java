package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonWriter;
import io.openclaw.release.Content;
import io.openclaw.release.ContentDiff;
import io.openclaw.release.KvImport;
import io.openclaw.release.Manifest;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code openclaw release}: changes what a node serves, one version at a time. */
@Command(
    name = "release",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "Changes models, tenants, keys and limits of a running node, as one versioned release at a"
            + " time.",
    subcommands = {CommandLine.HelpCommand.class},
    footer = {
      "",
      "A directory's *.yaml files are laid over one another in order of their names, and are all that is served.",
      AdminNode.KEY_SOURCES
    })
final class ReleaseCommand {
  private static final int CHANGES = 2;

  /** Who makes a release, and what is let pass that would be refused. */
  static final class Author {
    @Mixin Signed signed = new Signed();

    @Option(
        names = "--allow-mass-delete",
        description = "Let more than 20 %% of the tenants or keys vanish.")
    boolean allowMassDelete;

    @Option(
        names = "--allow-drift",
        description = "Let changed models rate otherwise than the versions in force.")
    boolean allowDrift;

    @Option(
        names = "--allow-slow",
        description = "Let changed models be much slower than the versions in force.")
    boolean allowSlow;

    ReleaseClient.Wish wish(String message, boolean now, boolean detach) {
      return new ReleaseClient.Wish(
          signed.author, message, allowMassDelete, allowDrift, allowSlow, now, detach);
    }
  }

  /** An author of what goes to a region first, and is waited for. */
  static final class Publisher {
    @Mixin Author author = new Author();
    @Mixin Detached detached = new Detached();

    @Option(
        names = "--now",
        description =
            "Everywhere at once: skip the soak in one region, which a node alone has not.")
    boolean now;

    ReleaseClient.Wish wish(String message) {
      return author.wish(message, now, detached.detach);
    }
  }

  /** Whether the end is waited for. */
  static final class Detached {
    @Option(
        names = "--detach",
        description = "Do not wait until all regions have it; openclaw release status shows it.")
    boolean detach;
  }

  /** The directory with the files of a release. */
  static final class Directory {
    @Option(
        names = {"-f", "--from"},
        required = true,
        paramLabel = "DIR",
        description = "The directory with the release's *.yaml files.")
    Path path = Path.of("");

    Content content() throws IOException, ConfigException {
      if (!Files.isDirectory(path)) {
        throw new IOException(path + " is no directory (openclaw release init " + path + ")");
      }
      List<Path> files;
      try (Stream<Path> all = Files.list(path)) {
        files = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
      }
      if (files.isEmpty()) {
        throw new IOException(path + " holds no .yaml file");
      }
      return ConfigLoader.content(files);
    }

    /** The content; what is wrong with it is no wrong usage. */
    Content contentToCompare() throws IOException {
      try {
        return content();
      } catch (ConfigException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }

  @Command(
      name = "init",
      mixinStandardHelpOptions = true,
      description = "Writes a small working directory: YAML, a scorecard, and what to do with it.")
  int init(
      @Mixin AdminNode node,
      @Parameters(paramLabel = "DIR", description = "A directory that is empty or not there.")
          Path directory)
      throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        if (files.findAny().isPresent()) {
          throw new IOException(directory + " is not empty");
        }
      }
    }
    Files.createDirectories(directory);
    for (String name : List.of("release.yaml", "loan.scorecard.json", "README.md")) {
      try (var in = ReleaseCommand.class.getResourceAsStream("/release/" + name)) {
        if (in == null) {
          throw new IOException("/release/" + name + " is missing from the class path");
        }
        Files.write(directory.resolve(name), in.readAllBytes());
      }
    }
    node.print(
        new Json.Obj(Map.of("directory", new Json.Str(directory.toString()))),
        () ->
            System.out.println(
                "made " + directory + "; next: openclaw release plan -f " + directory));
    return 0;
  }

  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = 1,
      description = "Shows what would change; exit 0: nothing, 2: something, 1: an error.")
  int diff(@Mixin AdminNode node, @Mixin Directory from) throws IOException, InterruptedException {
    Content content = from.contentToCompare();
    try {
      ReleaseClient client = new ReleaseClient(node);
      ContentDiff diff = client.diff(content);
      Map<String, Json> members = new LinkedHashMap<>();
      members.put(
          "changes",
          new Json.Arr(diff.changes().stream().<Json>map(ContentDiff.Change::json).toList()));
      members.put("summary", new Json.Str(diff.summary()));
      node.print(new Json.Obj(members), () -> System.out.println(diff.text()));
      return diff.isEmpty() ? 0 : CHANGES;
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Command(
      name = "plan",
      mixinStandardHelpOptions = true,
      exitCodeOnInvalidInput = 1,
      description =
          "Shows what would change and lets the node check it; exit 0: nothing, 2: something, 1: an"
              + " error.")
  int plan(@Mixin AdminNode node, @Mixin Directory from, @Mixin Author author)
      throws IOException, InterruptedException {
    Content content = from.contentToCompare();
    try {
      ReleaseClient client = new ReleaseClient(node);
      String digest = ReleaseClient.digest(content);
      if (digest.equals(client.servedDigest())) {
        node.print(
            new Json.Obj(Map.of("summary", new Json.Str("no changes"))),
            () -> System.out.println("no changes"));
        return 0;
      }
      ContentDiff diff = client.diff(content);
      if (node.output == Output.TEXT) {
        System.out.println(diff.text());
      }
      client.upload(content);
      Json.Obj answer =
          client.propose(digest, Manifest.Action.APPLY, author.wish("a plan", false, false), true);
      node.print(
          answer,
          () -> {
            notes(answer);
            System.out.println("would be version " + AdminNode.text(answer, "version"));
          });
      return CHANGES;
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static void notes(Json.Obj answer) {
    if (answer.get("notes") instanceof Json.Arr notes) {
      for (Json note : notes.elements()) {
        System.out.println("note: " + (note instanceof Json.Str text ? text.value() : ""));
      }
    }
  }

  @Command(
      name = "apply",
      mixinStandardHelpOptions = true,
      description = "Makes the directory the next release: all that is served.")
  int apply(
      @Mixin AdminNode node,
      @Mixin Directory from,
      @Mixin Publisher author,
      @Option(
              names = {"-m", "--message"},
              required = true,
              paramLabel = "TEXT",
              description = "Why.")
          String message)
      throws IOException, ConfigException, InterruptedException {
    Content content = from.content();
    return publish(
        node, new ReleaseClient(node), content, Manifest.Action.APPLY, author.wish(message));
  }

  /**
   * Makes a content the next release, and says what changed.
   *
   * @param client the releases that the content was made on: where there are others since, it is
   *     refused
   */
  static int publish(
      AdminNode node,
      ReleaseClient client,
      Content content,
      Manifest.Action action,
      ReleaseClient.Wish wish)
      throws IOException, ConfigException, InterruptedException {
    String digest = ReleaseClient.digest(content);
    ContentDiff diff = client.diff(content);
    if (node.output == Output.TEXT) {
      System.out.println(diff.text());
    }
    int uploaded = client.upload(content);
    Json.Obj answer = client.propose(digest, action, wish, false);
    String made =
        "version " + AdminNode.text(answer, "version") + ", " + uploaded + " blobs uploaded";
    return finish(node, answer, made, wish);
  }

  /** Prints the answer, and waits until the release is in force everywhere, or refused. */
  private static int finish(AdminNode node, Json.Obj answer, String made, ReleaseClient.Wish wish)
      throws IOException, ConfigException, InterruptedException {
    if (node.output == Output.TEXT) {
      notes(answer);
      System.out.println(made);
    }
    Json.Obj end = wish.detach() ? answer : new RolloutWatch(node, answer).await();
    node.print(end, () -> {});
    return 0;
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "Lists the releases that the node keeps, newest first.")
  int history(@Mixin AdminNode node) throws IOException, ConfigException, InterruptedException {
    ReleaseClient client = new ReleaseClient(node);
    node.print(
        client.list(),
        () -> {
          System.out.printf(
              "%-8s %-21s %-16s %-9s %s%n", "VERSION", "TIME", "AUTHOR", "ACTION", "MESSAGE");
          client.releases().forEach(each -> System.out.println(row(each)));
        });
    return 0;
  }

  private static String row(Json.Obj release) {
    String time =
        release.get("time") instanceof Json.Num millis
            ? Instant.ofEpochSecond((long) millis.value() / 1000).toString()
            : "";
    String fault = AdminNode.text(release, "fault");
    return "%-8s %-21s %-16s %-9s %s"
        .formatted(
            AdminNode.text(release, "version"),
            time,
            AdminNode.text(release, "author"),
            AdminNode.text(release, "action"),
            fault.isEmpty() ? AdminNode.text(release, "message") : fault)
        .stripTrailing();
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Shows a release, its manifest and its content; 0 is the configuration's.")
  int show(
      @Mixin AdminNode node,
      @Parameters(paramLabel = "VERSION", description = "Its number.") long version)
      throws IOException, ConfigException, InterruptedException {
    ReleaseClient client = new ReleaseClient(node);
    Json.Obj release = client.show(version);
    Json.Obj content = client.document(AdminNode.text(release, "content"));
    Map<String, Json> members = new LinkedHashMap<>(release.members());
    members.put("document", content);
    node.print(
        new Json.Obj(members),
        () -> {
          System.out.println("version " + version + " " + AdminNode.text(release, "id"));
          if (release.get("signed") instanceof Json.Obj signed) {
            System.out.println(line("manifest", signed.get("manifest")));
            System.out.println(line("key", signed.get("key")));
          }
          System.out.println(line("content", content));
        });
    return 0;
  }

  private static String line(String name, @Nullable Json value) {
    return name
        + " "
        + (value == null ? "" : new String(JsonWriter.write(value), StandardCharsets.UTF_8));
  }

  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = {
        "Writes the releases that the node keeps into a directory, laid out as release.source is"
            + " read,",
        "to be copied to object storage or a web server. What is there already is not written"
            + " again."
      })
  int export(
      @Mixin AdminNode node,
      @Parameters(paramLabel = "DIR", description = "The directory; made where it is not there.")
          Path directory)
      throws IOException, ConfigException, InterruptedException {
    ReleaseExport export = new ReleaseExport(node, directory);
    export.write();
    node.print(export.json(), () -> System.out.println(export.text()));
    export.leftOut().forEach(fault -> System.err.println("left out: " + fault));
    return export.leftOut().isEmpty() ? 0 : 1;
  }

  @Command(
      name = "rollback",
      mixinStandardHelpOptions = true,
      description = "Makes a new release with the content of an older one.")
  int rollback(
      @Mixin AdminNode node,
      @Mixin Author author,
      @Mixin Detached detached,
      @Option(
              names = "--to",
              paramLabel = "VERSION",
              description = "Which one; the one before by default, 0 for the configuration's.")
          @Nullable Long to,
      @Option(
              names = {"-m", "--message"},
              paramLabel = "TEXT",
              description = "Why.")
          @Nullable String message)
      throws IOException, ConfigException, InterruptedException {
    ReleaseClient client = new ReleaseClient(node);
    long target = to == null ? client.versionBefore() : to;
    String digest = AdminNode.text(client.show(target), "content");
    String why = message == null ? "roll back to version " + target : message;
    // A rollback waits for no soak: what it goes back to has been served.
    ReleaseClient.Wish wish = author.wish(why, true, detached.detach);
    Json.Obj answer = client.propose(digest, Manifest.Action.ROLLBACK, wish, false);
    return finish(
        node,
        answer,
        "version "
            + AdminNode.text(answer, "version")
            + ", with the content of version "
            + target
            + " ("
            + AdminNode.text(answer, "summary")
            + ")",
        wish);
  }

  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Shows how far each region is: what it serves, and what is on its way.")
  int status(@Mixin AdminNode node) throws IOException, ConfigException, InterruptedException {
    Json.Obj rollout = node.call("GET", RolloutWatch.ROLLOUT, null);
    node.print(rollout, () -> RolloutWatch.table(rollout).forEach(System.out::println));
    return 0;
  }

  @Command(
      name = "promote",
      mixinStandardHelpOptions = true,
      description = "Ends a soak: the release on its way goes to all regions.")
  int promote(@Mixin AdminNode node, @Mixin Signed signed)
      throws IOException, ConfigException, InterruptedException {
    return decide(node, signed, "promote");
  }

  @Command(
      name = "abort",
      mixinStandardHelpOptions = true,
      description = "Ends the way of the release that is staged or soaks: no region keeps it.")
  int abort(@Mixin AdminNode node, @Mixin Signed signed)
      throws IOException, ConfigException, InterruptedException {
    return decide(node, signed, "abort");
  }

  private static int decide(AdminNode node, Signed signed, String decision)
      throws IOException, ConfigException, InterruptedException {
    Json.Obj rollout =
        node.call(
            "POST",
            RolloutWatch.ROLLOUT,
            new Json.Obj(
                Map.of("decision", new Json.Str(decision), "author", new Json.Str(signed.author))));
    node.print(rollout, () -> RolloutWatch.table(rollout).forEach(System.out::println));
    return 0;
  }

  @Command(
      name = "primary",
      mixinStandardHelpOptions = true,
      description = {
        "Shows which region writes releases, or makes another one do so.",
        "That region must answer, and so must a majority; what is on its way then is refused."
      })
  int primary(
      @Mixin AdminNode node,
      @Parameters(
              arity = "0..1",
              paramLabel = "REGION",
              description = "The region that is to write.")
          @Nullable String region)
      throws IOException, ConfigException, InterruptedException {
    Json.Obj rollout =
        region == null
            ? node.call("GET", RolloutWatch.ROLLOUT, null)
            : RolloutWatch.move(node, region);
    node.print(rollout, () -> System.out.println(AdminNode.text(rollout, "primary")));
    return 0;
  }

  @Command(
      name = "pending",
      mixinStandardHelpOptions = true,
      description = {
        "Shows the changes that wait to be published together (--batch), and why they were",
        "refused where they were; publishes or drops them."
      })
  int pending(
      @Mixin AdminNode node,
      @Option(names = "--drop", description = "Forget them all.") boolean drop,
      @Option(names = "--publish", description = "Publish them all now.") boolean publish)
      throws IOException, ConfigException, InterruptedException {
    if (drop && publish) {
      throw new ConfigException(List.of("--drop and --publish (expected: one of them)"));
    }
    if (publish) {
      ChangeWish now = new ChangeWish(Signed.user(), "publish what waits", List.of(), 0, false);
      Json.Obj answer = node.call("POST", ChangeWriter.CHANGES, now.json());
      return ChangeWriter.end(node, answer, false);
    }
    Json.Obj answer = node.call(drop ? "DELETE" : "GET", ChangeWriter.CHANGES, null);
    node.print(answer, () -> System.out.print(waiting(answer, drop)));
    return 0;
  }

  private static String waiting(Json.Obj answer, boolean dropped) {
    StringBuilder text = new StringBuilder();
    for (Json each : elements(answer, "changes")) {
      if (each instanceof Json.Obj change) {
        text.append(AdminNode.text(change, "author"))
            .append(": ")
            .append(AdminNode.text(change, "message"))
            .append('\n');
        elements(change, "edits")
            .forEach(edit -> text.append("  ").append(line("", edit).strip()).append('\n'));
      }
    }
    for (Json each : elements(answer, "refused")) {
      text.append("refused: ").append(each instanceof Json.Str why ? why.value() : "").append('\n');
    }
    String edits = AdminNode.text(answer, "edits");
    text.append(edits).append(dropped ? " dropped" : " waiting");
    String version = AdminNode.text(answer, "version");
    if (!version.isEmpty()) {
      text.append(", on their way as version ").append(version);
    } else if (!dropped && answer.get("due") instanceof Json.Num due) {
      text.append(", to be published at ")
          .append(Instant.ofEpochSecond((long) due.value() / 1000))
          .append(" at the latest");
    }
    return text.append('\n').toString();
  }

  private static List<Json> elements(Json.Obj object, String name) {
    return object.get(name) instanceof Json.Arr array ? array.elements() : List.of();
  }

  @Command(
      name = "import",
      mixinStandardHelpOptions = true,
      description = {
        "Makes the document of a key-value store the next release:",
        "{\"ratingModels\": {\"v1\": \"<Base64 of a model>\"}, \"tenantConfigs\": {\"a\":"
            + " {\"model\": \"v1\", \"threshold\": 650}}}.",
        "Its models and tenants replace all others; keys whose tenant stays, and the limit of all"
            + " tenants, stay."
      })
  int importKv(
      @Mixin AdminNode node,
      @Mixin Publisher author,
      @Parameters(paramLabel = "FILE", description = "The JSON document.") Path file,
      @Option(
              names = {"-m", "--message"},
              required = true,
              paramLabel = "TEXT",
              description = "Why.")
          String message)
      throws IOException, ConfigException, InterruptedException {
    if (!Files.isReadable(file)) {
      throw new IOException(file + " cannot be read");
    }
    byte[] document = Files.readAllBytes(file);
    ReleaseClient client = new ReleaseClient(node);
    Content content = KvImport.read(document, client.served());
    return publish(node, client, content, Manifest.Action.IMPORT, author.wish(message));
  }
}
