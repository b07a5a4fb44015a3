using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Relay.Benchmarks.Twin;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSingleton(_ => new ServiceBusClient(builder.Configuration["ServiceBus"]));
builder.Services.AddSingleton(provider =>
    provider.GetRequiredService<ServiceBusClient>().CreateSender(builder.Configuration["Twin:Topic"]));
builder.Services.AddSingleton(_ => TwinKeys.Load(builder.Configuration["Twin:Keys"]!));
builder.Services.AddSingleton<TwinWork>();
builder.Build().Run();
