//! Page analysis: from pixels to crops of lines.
