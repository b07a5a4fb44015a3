using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

// A worker that goes wrong before it is one, for whoever starts it so.
if (Environment.GetEnvironmentVariable("TESTAPP_DIES_AT_START") is { Length: > 0 } words)
{
    Console.Error.WriteLine(words);
    return 3;
}

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Build().Run();
return 0;
