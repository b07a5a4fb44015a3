using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using Relay.Azure;
using Relay.Functions;

LoopbackBypass.Install();
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.AddRelay(builder.Configuration);
builder.Build().Run();
