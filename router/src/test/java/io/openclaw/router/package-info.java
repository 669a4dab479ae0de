@NullMarked
package io.openclaw.router;

import org.jspecify.annotations.NullMarked;
