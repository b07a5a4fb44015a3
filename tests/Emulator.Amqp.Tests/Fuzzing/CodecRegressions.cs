namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>Inputs that broke a property once, and the shapes that broke others' readers.</summary>
internal static class CodecRegressions
{
    public static readonly string[] All =
    [
        // Four billion elements without a byte each.
        "f000000005ffffffff43",

        // Arrays of arrays without bytes, which multiply.
        "f00000000e00001000f00000000500001000" + "43",

        // Described by a described by a described.
        "000000000053405340534053405340",

        // A list one level too deep, whose sizes are right.
        "c00401c00201c00001",

        // A map whose one value is an array of 4,096 empty lists, each of them an object; and of as many as are let through now.
        "005372c114028417e2934702158cf9f0000000050000100045",
        "005372c114028417e2934702158cf9f0000000050000040045",

        // A transfer whose state is a transactional state in a transactional state.
        "0000002a020000000053" + "14c01d0943405240404040005334c00e02a00101005334c00602a0010100532445",
    ];
}
