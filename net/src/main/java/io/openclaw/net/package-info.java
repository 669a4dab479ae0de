@NullMarked
package io.openclaw.net;

import org.jspecify.annotations.NullMarked;
