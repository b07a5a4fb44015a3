using System.Runtime.CompilerServices;

/// <summary>
/// Processes that a test starts live for seconds: they keep the code that was compiled first, instead of compiling anew what was called
/// thirty times, which is half of the processor time of a stack that is up for a test. This process, which lives for minutes, does compile
/// anew: it has read its own settings by now. In each test assembly, and in no benchmark.
/// </summary>
file static class ShortLivedChildren
{
    private const string CallCounting = "DOTNET_TC_CallCounting";

#pragma warning disable CA2255 // A test assembly is the program here.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare()
    {
        if (Environment.GetEnvironmentVariable(CallCounting) is null) Environment.SetEnvironmentVariable(CallCounting, "0");
    }
}
