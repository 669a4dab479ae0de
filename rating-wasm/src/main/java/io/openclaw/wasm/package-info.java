@NullMarked
package io.openclaw.wasm;

import org.jspecify.annotations.NullMarked;
