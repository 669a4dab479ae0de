package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.JsonWriter;
import io.openclaw.domain.KeyText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The keys that {@code openclaw dev} gave its tenants and its administrator, in files of its folder
 * that only their owner reads: the regions may serve a release of an earlier start, which knows the
 * keys of then. For one thread.
 */
final class DevKeys {
  private final Path folder;
  private final RandomGenerator random;
  private final Map<String, KeyText> known = new LinkedHashMap<>();
  private final KeyText admin;

  /** Reads those of before. */
  DevKeys(Path folder, RandomGenerator random) throws IOException {
    this.folder = folder;
    this.random = random;
    if (Files.exists(tenantsFile())) {
      Json.Obj read = read();
      for (String tenant : read.members().keySet()) {
        known.put(tenant, key(tenantsFile(), AdminNode.text(read, tenant)));
      }
    }
    admin =
        Files.exists(adminFile())
            ? key(adminFile(), Files.readString(adminFile()).strip())
            : KeyText.generate(random);
  }

  Path tenantsFile() {
    return folder.resolve("keys.json");
  }

  Path adminFile() {
    return folder.resolve("admin.key");
  }

  private Json.Obj read() throws IOException {
    try {
      if (JsonReader.read(Files.readAllBytes(tenantsFile())) instanceof Json.Obj object) {
        return object;
      }
    } catch (JsonSyntaxException e) {
      // said below
    }
    throw damaged(tenantsFile());
  }

  private static KeyText key(Path file, String text) throws IOException {
    KeyText key = KeyText.parse(text);
    if (key == null) {
      throw damaged(file);
    }
    return key;
  }

  private static IOException damaged(Path file) {
    return new IOException(file + " is damaged: remove the folder, or name another with --data");
  }

  /** The administrator's. */
  KeyText admin() {
    return admin;
  }

  /** The tenant's; a new one where it had none. */
  KeyText of(String tenant) {
    return known.computeIfAbsent(tenant, none -> KeyText.generate(random));
  }

  /** Writes them. */
  void save() throws IOException {
    Map<String, Json> members = new LinkedHashMap<>();
    known.forEach((tenant, key) -> members.put(tenant, new Json.Str(key.reveal())));
    DataDirectory.replace(tenantsFile(), JsonWriter.write(new Json.Obj(members)), true);
    DataDirectory.replace(
        adminFile(), (admin.reveal() + "\n").getBytes(StandardCharsets.US_ASCII), true);
  }
}
