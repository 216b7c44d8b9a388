//! What users see when they err, and what must compile.

/// One mistake per file; the message stands beside it.
#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/attribute/*.rs");
    cases.compile_fail("ui/signature/*.rs");
    cases.compile_fail("ui/activity/*.rs");
    cases.compile_fail("ui/unsupported/*.rs");
    cases.compile_fail("ui/call/*.rs");
    cases.pass("ui/pass/*.rs");
}
