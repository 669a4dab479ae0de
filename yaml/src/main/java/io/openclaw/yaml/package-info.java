/** YAML documents as values that remember their place, and complaints that name it. */
@NullMarked
package io.openclaw.yaml;

import org.jspecify.annotations.NullMarked;
